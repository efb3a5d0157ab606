// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/request_reader.h"

namespace butaca::http {

void RequestReader::clear()
{
    input_.clear();
    scanned_ = 0;
}

bool RequestReader::has_begun()
{
    while (input_.starts_with("\r\n")) {
        input_.erase(0, 2);
        scanned_ = 0;
    }
    return !input_.empty();
}

Parsed<std::optional<RequestHead>> RequestReader::take_head(std::size_t limit_bytes)
{
    const auto end = find_head_end(input_, scanned_, limit_bytes);
    if (!end)
        return tl::make_unexpected(end.error());
    if (!*end)
        return std::optional<RequestHead>();
    auto head = parse_head(std::string_view(input_).substr(0, **end));
    if (!head)
        return tl::make_unexpected(head.error());
    input_.erase(0, **end);
    scanned_ = 0;
    return std::optional(std::move(*head));
}

std::optional<std::string> RequestReader::take_body(std::size_t body_bytes)
{
    if (input_.size() < body_bytes)
        return std::nullopt;
    std::string body = input_.substr(0, body_bytes);
    input_.erase(0, body_bytes);
    return body;
}

} // namespace butaca::http
