// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/ac3_frame.h"

#include <array>
#include <cstddef>

namespace butaca::pipelines {

namespace {

constexpr std::size_t word_bytes = 2;
constexpr std::size_t header_bytes = 6; // as far as the sizes stand
// kb/s by half of frmsizecod (table 4.13).
constexpr std::array<unsigned, 19> rates_kbps{32,  40,  48,  56,  64,  80,  96,  112, 128, 160,
                                              192, 224, 256, 320, 384, 448, 512, 576, 640};

// The size of the frame that begins here; 0 where the header says none.
std::size_t size_of(std::span<const std::uint8_t> frame)
{
    constexpr unsigned newest_ac3 = 10; // bsid; what is above is E-AC-3
    if (frame[5] >> 3U > newest_ac3)
        return (((frame[2] & 7U) << 8U | frame[3]) + 1U) * word_bytes;
    const unsigned code = frame[4] & 0x3fU;
    if (code / 2 >= rates_kbps.size())
        return 0;
    const unsigned kbps = rates_kbps[code / 2];
    switch (frame[4] >> 6U) {
    case 0: // 48 kHz
        return std::size_t{2} * kbps * word_bytes;
    case 1: // 44.1 kHz
        return (std::size_t{320} * kbps / 147 + code % 2) * word_bytes;
    case 2: // 32 kHz
        return std::size_t{3} * kbps * word_bytes;
    default:
        return 0;
    }
}

// CRC-16 with x^16 + x^15 + x^2 + 1, which ends in 0 over all that it covers.
std::uint16_t crc16(std::span<const std::uint8_t> bytes)
{
    unsigned crc = 0;
    for (const std::uint8_t byte : bytes) {
        crc ^= static_cast<unsigned>(byte) << 8U;
        for (int bit = 0; bit < 8; bit++)
            crc = crc << 1U ^ ((crc & 0x8000U) != 0 ? 0x18005U : 0U);
    }
    return static_cast<std::uint16_t>(crc);
}

} // namespace

bool is_damaged_ac3(std::span<const std::uint8_t> packet)
{
    while (packet.size() >= header_bytes && packet[0] == 0x0b && packet[1] == 0x77) {
        const std::size_t size = size_of(packet);
        if (size < header_bytes)
            return false;
        if (size > packet.size() || crc16(packet.subspan(2, size - 2)) != 0)
            return true;
        packet = packet.subspan(size);
    }
    return false;
}

} // namespace butaca::pipelines
