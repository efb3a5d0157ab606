// SPDX-License-Identifier: LGPL-2.1-or-later
// How clients reach us.
#pragma once

#include <string>

#include "src/gateway/services.h"
#include "src/http/message.h"

namespace butaca::gateway {

// The beginning of every address that we hand out, without a slash at its end: what was configured, else what
// the client itself used.
inline std::string base_url(const Services &services, const http::Request &request)
{
    return services.public_url.empty() ? "http://" + request.host : services.public_url;
}

} // namespace butaca::gateway
