// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/stream_coding.h"

#include <array>

namespace butaca::http {

bool StreamCoding::write(Outbox &outbox, Owned<GBytes> bytes)
{
    const std::size_t size_bytes = g_bytes_get_size(bytes.get());
    // A chunk of no bytes would be the last one.
    if (size_bytes == 0)
        return true;
    if (framing_.length && size_bytes > left_bytes_)
        return false;
    left_bytes_ -= framing_.length ? size_bytes : 0;
    if (framing_.chunked) {
        std::array<char, 24> size_line;
        g_snprintf(size_line.data(), size_line.size(), "%zx\r\n", size_bytes);
        outbox.push(std::string(size_line.data()));
    }
    outbox.push(share_bytes(std::move(bytes)));
    if (framing_.chunked)
        outbox.push(std::string("\r\n"));
    return true;
}

bool StreamCoding::finish(Outbox &outbox) const
{
    if (framing_.chunked)
        outbox.push(std::string("0\r\n\r\n"));
    return !framing_.length || left_bytes_ == 0;
}

} // namespace butaca::http
