// SPDX-License-Identifier: LGPL-2.1-or-later
// What a Responder and the server share about one request that is being answered.
#pragma once

#include <functional>
#include <string>

#include "src/http/message.h"

namespace butaca::http {

struct Responder::State {
    Send send; // empty once answered, or once the client left
    std::function<void()> on_gone;
    std::function<void(const Error &)> on_error; // so that the log learns the error's detail
    std::string request_id;
    std::string accept_language;
    bool gone = false;

    State() = default;
    ~State();
    State(const State &) = delete;
    State &operator=(const State &) = delete;

    void answer(Response response);
    void client_left();
    void note_error(const Error &error) const
    {
        if (send && on_error)
            on_error(error);
    }
};

} // namespace butaca::http
