// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads a transport stream of one elementary stream back, and says by gtest what is wrong with it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace butaca::test {

inline unsigned at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

struct Pes {
    std::uint64_t shown = 0;
    std::uint64_t decoded = 0;
    std::optional<std::uint64_t> clock;
    bool random_access = false;
    std::string payload;
};

struct Stream {
    std::map<unsigned, std::vector<unsigned>> counters; // of the packets with a payload, by PID
    std::vector<Pes> units;
};

inline std::uint64_t time_in(std::string_view b)
{
    return (std::uint64_t{at(b, 0)} >> 1 & 7) << 30 | std::uint64_t{at(b, 1)} << 22 |
           std::uint64_t{at(b, 2)} >> 1 << 15 | std::uint64_t{at(b, 3)} << 7 | at(b, 4) >> 1;
}

// Reads it as ISO/IEC 13818-1 has it, on the PIDs that the tables name.
inline Stream read(std::string_view bytes)
{
    Stream stream;
    EXPECT_EQ(bytes.size() % 188, 0U);
    for (; bytes.size() >= 188; bytes.remove_prefix(188)) {
        auto packet = bytes.substr(0, 188);
        EXPECT_EQ(at(packet, 0), 0x47U);
        const unsigned pid = (at(packet, 1) & 0x1f) << 8 | at(packet, 2);
        const unsigned control = at(packet, 3) >> 4;
        EXPECT_TRUE(control & 1) << "a packet without payload would not count";
        stream.counters[pid].push_back(at(packet, 3) & 15);
        std::optional<std::uint64_t> clock;
        bool random_access = false;
        std::size_t begin = 4;
        if (control & 2) {
            const unsigned length = at(packet, 4);
            if (length > 0) {
                random_access = at(packet, 5) & 0x40;
                if (at(packet, 5) & 0x10)
                    clock = std::uint64_t{at(packet, 6)} << 25 | std::uint64_t{at(packet, 7)} << 17 |
                            std::uint64_t{at(packet, 8)} << 9 | std::uint64_t{at(packet, 9)} << 1 |
                            at(packet, 10) >> 7;
            }
            begin += 1 + length;
        }
        EXPECT_LT(begin, 188U);
        auto payload = packet.substr(std::min<std::size_t>(begin, 188));
        if (pid != 0x100 && pid != 0x101)
            continue;
        if (at(packet, 1) & 0x40) {
            Pes pes;
            pes.clock = clock;
            pes.random_access = random_access;
            stream.units.push_back(pes);
        }
        if (!stream.units.empty())
            stream.units.back().payload += payload;
    }
    // The header may span packets.
    for (Pes &pes : stream.units) {
        std::string_view header = pes.payload;
        EXPECT_EQ(header.substr(0, 3), std::string_view("\0\0\1", 3));
        pes.shown = time_in(header.substr(9));
        pes.decoded = at(header, 7) >> 6 == 3 ? time_in(header.substr(14)) : pes.shown;
        pes.payload = pes.payload.substr(9 + at(header, 8));
    }
    return stream;
}

} // namespace butaca::test
