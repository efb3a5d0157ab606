// SPDX-License-Identifier: LGPL-2.1-or-later
// What may reach gst-rtsp-server of what a client sends: whole requests and whole interleaved frames, each
// within bounds. The server itself takes headers without end, at eleven bytes of memory for each of theirs,
// cuts lines off after 4095 bytes, and hangs when a request comes in two pieces that part a carriage return
// from its line feed. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace butaca::playback::rtsp {

class RequestGate {
public:
    static constexpr std::size_t head_most_bytes = 16UL * 1024;
    static constexpr std::size_t line_most_bytes = 4000;
    static constexpr std::size_t lines_most = 64;
    // Parameters to set; a longer body is refused by the server, which answers 413 to the head alone.
    static constexpr std::size_t body_most_bytes = 4096;
    // Clients only send reports of RTCP.
    static constexpr std::size_t frame_most_bytes = 8192;

    // Takes bytes as they were received and appends to `out` what became whole. `too_large` or
    // `invalid_argument` when they are no RTSP that we take: then nothing further may be fed.
    Status feed(std::string_view bytes, std::string &out);
    // Is nothing more to be let through, because what follows a refused head has no known end?
    bool closed() const { return closed_; }

private:
    // How many bytes of `pending_` are one whole message; 0 when more has to come.
    Result<std::size_t> whole_message();
    Result<std::size_t> whole_request();

    std::string pending_;
    std::size_t searched_ = 0; // of pending_, for the end of a head
    bool closed_ = false;
};

} // namespace butaca::playback::rtsp
