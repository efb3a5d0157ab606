// SPDX-License-Identifier: LGPL-2.1-or-later
// Errors as `application/problem+json` (RFC 9457): type, title, status, detail, instance (the request's id).
#pragma once

#include <string_view>

#include "src/base/result.h"
#include "src/http/message.h"

namespace butaca::http {

// Does the client read Spanish rather than English (RFC 9110, 12.5.4)? English when it asks for neither.
bool prefers_spanish(std::string_view accept_language);

// The one table from ErrorCode to HTTP status.
int status_of(ErrorCode code);

// The problem document for `error`; Retry-After when the error carries one; title in the language that fits
// best
// (`accept_language`, Spanish or English). `Error::detail` never appears.
Response problem(const Error &error, std::string_view request_id, std::string_view accept_language = {});

// The same for what only HTTP knows (405, 408, 411, 412, 414, 416, 417, 431, 501, 505): named by the status.
Response problem(int status, std::string_view message, std::string_view request_id,
                 std::string_view accept_language = {});

} // namespace butaca::http
