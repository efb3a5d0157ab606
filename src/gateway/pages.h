// SPDX-License-Identifier: LGPL-2.1-or-later
// The page for browsers: files that the build made, from one folder. And the description of the interface.
#pragma once

#include <string_view>

#include "src/gateway/services.h"
#include "src/http/message.h"

namespace butaca::gateway {

// A file of the web folder by its name; 404 when the page was not built.
Result<http::Response> send_page(const Services &services, const http::Request &request,
                                 const std::string &file);

// The same for /assets/{file}.
Result<http::Response> send_asset(const Services &services, const http::Request &request);

// The whole of openapi.json: what clients can ask and get (OpenAPI 3.1).
std::string_view interface_description();
// That, as GET /api/v1/openapi.json answers it.
http::Response describe_interface();

} // namespace butaca::gateway
