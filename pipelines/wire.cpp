// SPDX-License-Identifier: LGPL-2.1-or-later
// Frames on the worker's socket pair.
#include "pipelines/wire.h"

namespace butaca::pipelines {

namespace {

constexpr std::size_t length_bytes = 4;

std::uint32_t read_length(const char *at)
{
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < length_bytes; ++i)
        value = value << 8 | static_cast<unsigned char>(at[i]);
    return value;
}

bool is_known(char type) { return std::string_view("JCHIDAE").find(type) != std::string_view::npos; }

} // namespace

std::string encode_frame(FrameType type, std::string_view payload)
{
    const std::size_t length = payload.size() + 1;
    std::string frame;
    frame.reserve(length_bytes + length);
    for (int shift = 24; shift >= 0; shift -= 8)
        frame += static_cast<char>(length >> shift & 0xff);
    frame += static_cast<char>(type);
    frame += payload;
    return frame;
}

void FrameReader::feed(std::string_view bytes)
{
    if (broken_)
        return;
    pending_.erase(0, taken_);
    taken_ = 0;
    pending_ += bytes;
}

std::optional<Frame> FrameReader::next()
{
    const std::size_t left = pending_.size() - taken_;
    if (broken_ || left < length_bytes)
        return std::nullopt;
    const char *at = pending_.data() + taken_;
    const std::size_t length = read_length(at);
    if (length < 1 || length > frame_limit_bytes || (left > length_bytes && !is_known(at[length_bytes]))) {
        broken_ = true;
        pending_.clear();
        taken_ = 0;
        return std::nullopt;
    }
    if (left < length_bytes + length)
        return std::nullopt;
    taken_ += length_bytes + length;
    return Frame{static_cast<FrameType>(at[length_bytes]), std::string(at + length_bytes + 1, length - 1)};
}

} // namespace butaca::pipelines
