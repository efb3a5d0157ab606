// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/mux/dolby.h"

#include <array>

namespace butaca::mux {
namespace {

constexpr std::uint32_t sync_word = 0x0b77;

// Reads the head of a frame; zeros beyond its end.
class Bits {
public:
    explicit Bits(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
    std::uint32_t take(unsigned count)
    {
        std::uint32_t value = 0;
        for (; count > 0; count--, at_++)
            value = value << 1 | (at_ / 8 < bytes_.size() ? bytes_[at_ / 8] >> (7 - at_ % 8) & 1U : 0U);
        return value;
    }

private:
    std::span<const std::uint8_t> bytes_;
    std::size_t at_ = 0;
};

constexpr std::size_t least_bytes = 8; // of either head, as far as it is read

} // namespace

// syncinfo() and the beginning of bsi() (ETSI TS 102 366, 4.3).
Result<Bytes> ac3_configuration(std::span<const std::uint8_t> frame)
{
    Bits bits(frame);
    if (frame.size() < least_bytes || bits.take(16) != sync_word)
        return fail(ErrorCode::invalid_argument, "the AC-3 stream does not begin with a frame");
    bits.take(16); // crc1
    const std::uint32_t rate = bits.take(2);
    const std::uint32_t size_code = bits.take(6);
    const std::uint32_t identification = bits.take(5);
    const std::uint32_t mode = bits.take(3);
    const std::uint32_t channels = bits.take(3);
    if (rate == 3 || size_code > 37 || identification > 10)
        return fail(ErrorCode::invalid_argument, "the AC-3 stream does not begin with a frame");
    if ((channels & 1U) && channels != 1)
        bits.take(2); // cmixlev
    if (channels & 4U)
        bits.take(2); // surmixlev
    if (channels == 2)
        bits.take(2); // dsurmod
    const std::uint32_t lfe = bits.take(1);
    BoxWriter out;
    out.u24(rate << 22 | identification << 17 | mode << 14 | channels << 11 | lfe << 10 |
            size_code >> 1 << 5);
    return out.take();
}

// syncinfo() and the beginning of bsi() of E-AC-3 (ETSI TS 102 366, E.1.2).
Result<Bytes> eac3_configuration(std::span<const std::uint8_t> frame)
{
    static constexpr std::array<std::uint32_t, 3> rates_hz = {48000, 44100, 32000};
    constexpr std::uint32_t six_blocks = 3;
    constexpr std::uint32_t samples = 1536;
    Bits bits(frame);
    if (frame.size() < least_bytes || bits.take(16) != sync_word)
        return fail(ErrorCode::invalid_argument, "the E-AC-3 stream does not begin with a frame");
    const std::uint32_t type = bits.take(2);
    const std::uint32_t substream = bits.take(3);
    const std::uint32_t size_bytes = (bits.take(11) + 1) * 2;
    const std::uint32_t rate = bits.take(2);
    const std::uint32_t blocks = bits.take(2);
    const std::uint32_t channels = bits.take(3);
    const std::uint32_t lfe = bits.take(1);
    const std::uint32_t identification = bits.take(5);
    if (identification < 11 || identification > 16)
        return fail(ErrorCode::invalid_argument, "the E-AC-3 stream does not begin with a frame");
    if (type != 0 || substream != 0 || size_bytes != frame.size())
        return fail(ErrorCode::unsupported, "the E-AC-3 stream has several substreams");
    if (rate == 3 || blocks != six_blocks)
        return fail(ErrorCode::unsupported, "a frame of the E-AC-3 stream has fewer than six blocks");
    const std::uint32_t kbps = size_bytes * 8 * (rates_hz[rate] / 100) / (samples * 10);
    BoxWriter out;
    out.u16(static_cast<std::uint16_t>(kbps << 3)); // and one independent substream
    // Then: reserved, no asynchronous service, the complete main one, reserved, no dependent substream,
    // reserved.
    out.u24(rate << 22 | identification << 17 | channels << 9 | lfe << 8);
    return out.take();
}

} // namespace butaca::mux
