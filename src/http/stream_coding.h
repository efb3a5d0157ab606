// SPDX-License-Identifier: LGPL-2.1-or-later
// How the pieces of a streamed body are written: chunked (RFC 9112, 7.1), or plain up to a promised length.
#pragma once

#include "src/base/gobject.h"
#include "src/http/answer.h"
#include "src/http/outbox.h"

namespace butaca::http {

class StreamCoding {
public:
    StreamCoding() = default;
    explicit StreamCoding(const Framing &framing) : framing_(framing), left_bytes_(framing.length.value_or(0))
    {
    }

    // False when the body would grow beyond the promised length; nothing is written then.
    [[nodiscard]] bool write(Outbox &outbox, Owned<GBytes> bytes);
    // False when the body is shorter than promised.
    [[nodiscard]] bool finish(Outbox &outbox) const;

private:
    Framing framing_;
    std::uint64_t left_bytes_ = 0;
};

} // namespace butaca::http
