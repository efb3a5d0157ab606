// SPDX-License-Identifier: LGPL-2.1-or-later
// What people tell of themselves, read from the body of a request. Errors are `invalid_argument` and name the
// field.
#pragma once

#include <string>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/http/message.h"

namespace butaca::gateway {

inline constexpr std::size_t account_body_limit_bytes = 8UL * 1024;

// The body as one JSON object.
Result<json::Value> object_of(const http::Request &request);

// Something with one "@" in the middle, without blanks; blanks around it are dropped. Whether it exists only
// a mail can tell.
Result<std::string> email_of(const json::Value &body);
// 1 to 100 characters without control characters; blanks around it are dropped.
Result<std::string> name_of(const json::Value &body);
// Any text that may become a password.
Result<std::string> new_password_of(const json::Value &body, const char *field);
// Any text.
Result<std::string> text_of(const json::Value &body, const char *field, std::size_t most_bytes);

// What a session's client calls itself: `device` of the body, or its User-Agent, cut to 100 characters.
std::string device_of(const json::Value &body, const http::Request &request);

} // namespace butaca::gateway
