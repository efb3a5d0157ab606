// SPDX-License-Identifier: LGPL-2.1-or-later
// The frames on the socket pair between AppS and a worker: 4 bytes length (big endian, of what follows), 1
// byte type, payload.
//
// AppS to worker: J job (JSON); C cancel (8 bytes job id).
// Worker to AppS: H hello (JSON: version, encoders by codec with theirs); I init segment and D chunk of the
// segment, both after the 8 byte job id; A still working, although no bytes came yet (empty); E end (JSON:
// id, ok, cpu_ns, frames_filled, and when not ok code, message, detail, retry_after_s).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace butaca::pipelines {

enum class FrameType : char {
    job = 'J',
    cancel = 'C',
    hello = 'H',
    init = 'I',
    data = 'D',
    alive = 'A',
    end = 'E'
};

inline constexpr std::size_t frame_limit_bytes = 64U << 20;

struct Frame {
    FrameType type;
    std::string payload;
};

// One frame ready to be written.
std::string encode_frame(FrameType type, std::string_view payload);

// Cuts a byte stream into frames.
class FrameReader {
public:
    void feed(std::string_view bytes);
    // The next whole frame; nothing while there is none. After a malformed one (unknown type, over the limit)
    // broken() is true.
    std::optional<Frame> next();
    bool broken() const { return broken_; }

private:
    std::string pending_;
    std::size_t taken_ = 0;
    bool broken_ = false;
};

} // namespace butaca::pipelines
