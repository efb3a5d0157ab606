// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/message.h"

#include <algorithm>

#include "src/base/loop.h"
#include "src/http/problem.h"
#include "src/http/responder_state.h"

namespace butaca::http {

namespace {

bool same_name(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && g_ascii_strncasecmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace

void Headers::set(std::string_view name, std::string value)
{
    fields_.erase(std::remove_if(fields_.begin(), fields_.end(),
                                 [&](const auto &field) { return same_name(field.first, name); }),
                  fields_.end());
    add(name, std::move(value));
}

void Headers::add(std::string_view name, std::string value) { fields_.emplace_back(name, std::move(value)); }

std::optional<std::string_view> Headers::get(std::string_view name) const
{
    for (const auto &field : fields_) {
        if (same_name(field.first, name))
            return field.second;
    }
    return std::nullopt;
}

Response Response::text(int status, std::string_view content_type, std::string body)
{
    Response response;
    response.status = status;
    response.headers.set("Content-Type", std::string(content_type));
    response.bytes = share_bytes(std::move(body));
    return response;
}

Response Response::json(int status, std::string document)
{
    return text(status, "application/json", std::move(document));
}

Response Response::empty(int status)
{
    Response response;
    response.status = status;
    return response;
}

std::shared_ptr<GBytes> share_bytes(Owned<GBytes> bytes) { return {bytes.release(), Release<GBytes>()}; }

std::shared_ptr<GBytes> share_bytes(std::string text)
{
    auto *kept = new std::string(std::move(text));
    return share_bytes(adopt(g_bytes_new_with_free_func(
        kept->data(), kept->size(), [](void *data) { delete static_cast<std::string *>(data); }, kept)));
}

Responder::State::~State()
{
    if (send)
        answer(problem(Error{ErrorCode::internal, "the request was not answered", {}, 0}, request_id,
                       accept_language));
}

void Responder::State::answer(Response response)
{
    on_gone = nullptr;
    // Moved out first: `send` may drop the last reference to this state, or come back here.
    if (const Send taken = std::exchange(send, nullptr))
        taken(std::move(response));
}

void Responder::State::client_left()
{
    send = nullptr;
    gone = true;
    if (const auto work = std::exchange(on_gone, nullptr))
        work();
}

Responder::Responder(Send send) : state_(std::make_shared<State>()) { state_->send = std::move(send); }

Responder::Responder(std::shared_ptr<State> state) : state_(std::move(state)) {}

void Responder::respond(Response response) const { state_->answer(std::move(response)); }

void Responder::respond(const Error &error) const
{
    state_->note_error(error);
    state_->answer(problem(error, state_->request_id, state_->accept_language));
}

void Responder::on_gone(std::function<void()> work) const
{
    if (state_->gone)
        post(std::move(work));
    else if (state_->send)
        state_->on_gone = std::move(work);
}

} // namespace butaca::http
