// SPDX-License-Identifier: LGPL-2.1-or-later
// Numbers as bytes, and the checksums of audio files. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace butaca::playback::files {

// The lowest byte first, and last.
inline std::string little(std::uint64_t value, unsigned bytes)
{
    std::string out;
    for (unsigned i = 0; i < bytes; i++)
        out += static_cast<char>((value >> (8 * i)) & 0xff);
    return out;
}
inline std::string big(std::uint64_t value, unsigned bytes)
{
    std::string out;
    for (unsigned i = bytes; i > 0; i--)
        out += static_cast<char>((value >> (8 * (i - 1))) & 0xff);
    return out;
}

// A cyclic redundancy check that takes the highest bit first, beginning with 0.
template <typename Word, Word polynomial> class Crc {
public:
    static Word of(std::string_view bytes)
    {
        constexpr unsigned width = sizeof(Word) * 8;
        Word crc = 0;
        for (const char byte : bytes) {
            const auto index =
                static_cast<std::uint8_t>((crc >> (width - 8)) ^ static_cast<unsigned char>(byte));
            crc = static_cast<Word>((width > 8 ? static_cast<std::uint64_t>(crc) << 8 : 0) ^ table[index]);
        }
        return crc;
    }

private:
    static constexpr std::array<Word, 256> make()
    {
        std::array<Word, 256> all{};
        constexpr unsigned width = sizeof(Word) * 8;
        for (unsigned i = 0; i < all.size(); i++) {
            auto crc = static_cast<Word>(static_cast<std::uint64_t>(i) << (width - 8));
            for (int bit = 0; bit < 8; bit++) {
                const bool carry = crc >> (width - 1) & 1;
                crc = static_cast<Word>(static_cast<std::uint64_t>(crc) << 1);
                if (carry)
                    crc = static_cast<Word>(crc ^ polynomial);
            }
            all[i] = crc;
        }
        return all;
    }
    static constexpr std::array<Word, 256> table = make();
};

using OggCrc = Crc<std::uint32_t, 0x04c11db7>; // RFC 3533, 6
using FlacCrc8 = Crc<std::uint8_t, 0x07>;      // RFC 9639, 9.1.8
using FlacCrc16 = Crc<std::uint16_t, 0x8005>;  // RFC 9639, 9.3

} // namespace butaca::playback::files
