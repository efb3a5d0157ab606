// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/rtsp/request_gate.h"

#include <algorithm>
#include <optional>

#include <glib.h>

#include "src/base/encoding.h"

namespace butaca::playback::rtsp {

namespace {

constexpr std::size_t frame_header_bytes = 4; // RFC 2326, 10.12
constexpr std::string_view line_ends = "\r\n";

tl::unexpected<Error> refuse(ErrorCode code, const char *why)
{
    return fail(code, "the request is not one that is taken here", why);
}

std::string_view without_line_end(std::string_view line)
{
    return line.substr(0, line.ends_with('\r') ? line.size() - 1 : line.size());
}

bool is_request_line(std::string_view line)
{
    line = without_line_end(line);
    return line.ends_with(" RTSP/1.0") || line.ends_with(" RTSP/2.0");
}

// The value of this line if it is a Content-Length.
std::optional<std::string_view> content_length(std::string_view line)
{
    constexpr std::string_view name = "content-length";
    const auto colon = line.find(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    auto label = line.substr(0, colon);
    label = label.substr(0, label.find_last_not_of(" \t") + 1);
    if (label.size() != name.size() || g_ascii_strncasecmp(label.data(), name.data(), name.size()) != 0)
        return std::nullopt;
    auto value = without_line_end(line.substr(colon + 1));
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    return value.substr(0, value.find_last_not_of(" \t") + 1);
}

// Where the empty line after a head ends, from `from` on; 0 when it is not there yet.
std::size_t end_of_head(std::string_view text, std::size_t from)
{
    for (auto at = text.find('\n', from); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        if (text.substr(at + 1, 1) == "\n")
            return at + 2;
        if (text.substr(at + 1, 2) == "\r\n")
            return at + 3;
    }
    return 0;
}

// How long the body is that this head announces.
Result<std::size_t> body_bytes(std::string_view head)
{
    std::optional<std::string_view> length;
    std::size_t lines = 0;
    while (!head.empty()) {
        const auto line = head.substr(0, head.find('\n'));
        head.remove_prefix(std::min(head.size(), line.size() + 1));
        if (line.size() > RequestGate::line_most_bytes || ++lines > RequestGate::lines_most)
            return refuse(ErrorCode::too_large, "a line is too long, or there are too many");
        if (lines == 1 && !is_request_line(line))
            return refuse(ErrorCode::invalid_argument, "no request line of RTSP");
        auto found = content_length(line);
        if (found && length)
            return refuse(ErrorCode::invalid_argument, "two lengths");
        if (found)
            length = found;
    }
    if (!length)
        return 0;
    constexpr std::size_t digits_most = 10;
    const bool number =
        !length->empty() && length->size() <= digits_most &&
        std::all_of(length->begin(), length->end(), [](char c) { return c >= '0' && c <= '9'; });
    // Negative, too long or no number at all: the server refuses it by the head, and does not wait for a
    // body.
    return number ? to_integer<std::size_t>(*length).value_or(RequestGate::body_most_bytes + 1)
                  : RequestGate::body_most_bytes + 1;
}

} // namespace

Status RequestGate::feed(std::string_view bytes, std::string &out)
{
    pending_ += bytes;
    while (!closed_) {
        // Some clients end a request with a line too many.
        pending_.erase(0, std::min(pending_.find_first_not_of(line_ends), pending_.size()));
        if (pending_.empty())
            break;
        auto whole = whole_message();
        if (!whole)
            return fail(whole.error());
        if (*whole == 0)
            break;
        out.append(pending_, 0, *whole);
        pending_.erase(0, *whole);
        searched_ = 0;
    }
    return {};
}

Result<std::size_t> RequestGate::whole_message()
{
    if (pending_.front() != '$')
        return whole_request();
    if (pending_.size() < frame_header_bytes)
        return 0;
    const auto byte = [this](std::size_t i) { return std::size_t{static_cast<unsigned char>(pending_[i])}; };
    const std::size_t size = frame_header_bytes + (byte(2) << 8 | byte(3));
    if (size > frame_most_bytes)
        return refuse(ErrorCode::too_large, "an interleaved frame is too long");
    return pending_.size() < size ? 0 : size;
}

Result<std::size_t> RequestGate::whole_request()
{
    const std::size_t head = end_of_head(pending_, searched_);
    if (head > head_most_bytes || (head == 0 && pending_.size() > head_most_bytes))
        return refuse(ErrorCode::too_large, "the head is too long");
    if (head == 0) {
        // The empty line may have begun already.
        searched_ = pending_.size() - std::min<std::size_t>(pending_.size(), 3);
        const bool first_line = pending_.find('\n') != std::string::npos;
        return first_line && !is_request_line(std::string_view(pending_).substr(0, pending_.find('\n')))
                   ? Result<std::size_t>(refuse(ErrorCode::invalid_argument, "no request line of RTSP"))
                   : Result<std::size_t>(0);
    }
    auto body = body_bytes(std::string_view(pending_).substr(0, head));
    if (!body)
        return body;
    if (*body > body_most_bytes) {
        closed_ = true;
        return head;
    }
    return pending_.size() < head + *body ? 0 : head + *body;
}

} // namespace butaca::playback::rtsp
