// SPDX-License-Identifier: LGPL-2.1-or-later
// One request and what became of it: the way from a parsed head through the route table to a log line.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "src/http/answer.h"
#include "src/http/body_stream.h"
#include "src/http/core.h"
#include "src/http/head.h"
#include "src/http/responder_state.h"

namespace butaca::http {

struct Exchange {
    std::shared_ptr<Request> request = std::make_shared<Request>();
    Router::Match match;
    AnswerForm form;
    std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
    int status = 0;
    std::uint64_t sent_bytes = 0;
    std::string error; // code and detail of the Error that was answered, for the log
    std::string error_detail;
    std::weak_ptr<Responder::State> responder;
    std::weak_ptr<SocketStream> stream;

    std::string_view language() const { return request->headers.get("Accept-Language").value_or(""); }
    void note_error(const Error &cause);
};

// Fills the exchange from a parsed head and looks its route up.
void open_exchange(Exchange &exchange, Core &core, RequestHead head);

// The answer that needs no handler: 404, 405, 413, OPTIONS. Nothing when the route's handler is to be asked.
std::optional<Response> answer_without_handler(const Exchange &exchange, const Core &core,
                                               std::uint64_t content_length);

// Writes the one line of the log. `cut` says why the answer did not reach its end; empty when it did.
void log_exchange(const Exchange &exchange, std::string_view cut);

} // namespace butaca::http
