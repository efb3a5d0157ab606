// SPDX-License-Identifier: LGPL-2.1-or-later
// The page for browsers: files that the build made, from one folder.
#pragma once

#include "src/gateway/services.h"
#include "src/http/message.h"

namespace butaca::gateway {

// A file of the web folder by its name; 404 when the page was not built.
Result<http::Response> send_page(const Services &services, const http::Request &request,
                                 const std::string &file);

// The same for /assets/{file}.
Result<http::Response> send_asset(const Services &services, const http::Request &request);

} // namespace butaca::gateway
