// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/origin/sub_pictures.h"

#include <algorithm>
#include <cstdio>

namespace butaca::origin::test {

namespace {

void put(std::string &out, std::uint64_t value, unsigned bytes)
{
    while (bytes-- > 0)
        out += static_cast<char>(value >> (8 * bytes) & 0xff);
}

std::string coded_row(const std::string &row)
{
    std::string nibbles;
    for (std::size_t at = 0; at < row.size();) {
        auto end = std::min(row.find_first_not_of(row[at], at), row.size());
        auto run = static_cast<unsigned>(std::min<std::size_t>(end - at, 255));
        unsigned code = run << 2 | static_cast<unsigned>(row[at] - '0');
        unsigned length = run < 4 ? 1 : run < 16 ? 2 : run < 64 ? 3 : 4;
        while (length-- > 0)
            nibbles += static_cast<char>(code >> (4 * length) & 0xf);
        at += run;
    }
    if (nibbles.size() % 2)
        nibbles += '\0';
    std::string out;
    for (std::size_t i = 0; i < nibbles.size(); i += 2)
        out += static_cast<char>(nibbles[i] << 4 | nibbles[i + 1]);
    return out;
}

std::uint64_t hex(const std::string &digits) { return std::stoull(digits, nullptr, 16); }

} // namespace

std::string sub_picture(const Drawing &drawing)
{
    std::string fields[2];
    for (std::size_t i = 0; i < drawing.rows.size(); i++)
        fields[i % 2] += coded_row(drawing.rows[i]);
    std::string body = fields[0] + fields[1];
    std::size_t table = 4 + body.size();
    std::string commands = "\x03";
    put(commands, hex(drawing.colours), 2);
    commands += "\x04";
    put(commands, hex(drawing.alphas), 2);
    commands += "\x05";
    put(commands, drawing.x << 12 | (drawing.x + drawing.rows[0].size() - 1), 3);
    put(commands, drawing.y << 12 | (drawing.y + drawing.rows.size() - 1), 3);
    commands += "\x06";
    put(commands, 4, 2);
    put(commands, 4 + fields[0].size(), 2);
    commands += "\x01\xff";
    std::size_t last = drawing.stop_date ? table + 4 + commands.size() : table;
    std::string sequences;
    put(sequences, 0, 2);
    put(sequences, last, 2);
    sequences += commands;
    if (drawing.stop_date) {
        put(sequences, drawing.stop_date, 2);
        put(sequences, last, 2);
        sequences += "\x02\xff";
    }
    std::string out;
    put(out, table + sequences.size(), 2);
    put(out, table, 2);
    return out + body + sequences;
}

std::string program_stream_of(const std::string &sub_picture, unsigned stream, std::size_t piece)
{
    std::string out;
    for (std::size_t at = 0; at < sub_picture.size(); at += piece) {
        std::string part = sub_picture.substr(at, piece);
        put(out, 0x1ba, 4);
        out += "\x44";
        put(out, 0x0004000401, 5);
        put(out, 0x0189c3f8, 4); // its last three bits: no stuffing
        put(out, 0x1bd, 4);
        bool first = at == 0;
        put(out, part.size() + 4 + (first ? 5 : 0), 2);
        put(out, first ? 0x818005 : 0x810000, 3);
        if (first)
            put(out, 0x2100010001, 5);
        put(out, stream, 1);
        out += part;
    }
    return out;
}

VobSubPair vobsub_pair()
{
    auto block = [](unsigned width, unsigned height, char fill) {
        std::string edge(width, '1');
        std::string inner = "1" + std::string(width - 2, fill) + "1";
        std::vector<std::string> rows(height, inner);
        rows.front() = rows.back() = edge;
        return rows;
    };
    VobSubPair pair;
    pair.index = "# VobSub index file, v7 (do not modify this line!)\n"
                 "size: 720x576\n"
                 "palette: 000000, ff0000, 00ff00, 0000ff, ffffff, 808080, 101010, 202020, "
                 "303030, 404040, 505050, 606060, 707070, 909090, a0a0a0, b0b0b0\n"
                 "langidx: 1\n\n";
    auto add = [&](unsigned stream, const char *time, const Drawing &drawing) {
        char line[80];
        std::snprintf(line, sizeof line, "timestamp: %s, filepos: %09zx\n", time, pair.pictures.size());
        pair.index += line;
        pair.pictures += program_stream_of(sub_picture(drawing), stream, 50);
    };
    pair.index += "id: en, index: 0\n";
    add(0x20, "00:00:01:000", {100, 480, block(300, 41, '2'), "4210", "fff0", 88});
    add(0x20, "00:00:03:000", {700, 500, block(40, 20, '3'), "4210", "8ff0", 0});
    pair.index += "\nid: es, index: 1\nalt: Comentarios\n";
    add(0x21, "00:00:02:000", {8, 8, block(64, 8, '3'), "4210", "fff0", 88});
    return pair;
}

} // namespace butaca::origin::test
