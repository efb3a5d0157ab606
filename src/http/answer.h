// SPDX-License-Identifier: LGPL-2.1-or-later
// The head of a response (RFC 9112, 4 to 6) and how its body is delimited. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/http/message.h"
#include "src/http/server.h"

namespace butaca::http {

// What a request means for the form of its answer.
struct AnswerForm {
    bool head_only = false; // HEAD
    bool http_1_0 = false;
    bool keep_alive = true;
};

// How the body's end is told.
struct Framing {
    bool has_body = true;                // false: neither 204 and 304 nor HEAD carry one
    bool chunked = false;                // else by length, else by the end of the connection
    std::optional<std::uint64_t> length; // also of a stream whose handler set Content-Length
    bool keep_alive = true;
};

Framing framing_of(const Response &response, const AnswerForm &form);

// The head with its empty line. A header whose value could break out of its line is left out and logged.
// Fields that tell the framing are ours alone; a handler's are ignored.
std::string compose_head(const Response &response, const Framing &framing, const AnswerForm &form,
                         const ServerSettings &settings, std::string_view request_id);

// The answer to OPTIONS (RFC 9110, 9.3.7), with what a CORS preflight asks for when `cross_origin`.
Response options_answer(const std::string &allow, bool cross_origin);

} // namespace butaca::http
