// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/display_matrix.h"

#include <array>
#include <string_view>

#include <unistd.h>

namespace butaca::origin {

namespace {

// Of all boxes that are looked at: real files have some hundred at these levels.
constexpr unsigned boxes_most = 4096;

class Boxes {
public:
    explicit Boxes(int fd) : fd_(fd) {}

    // Calls `visit(type, payload begin, payload end)` for each box side by side in [begin, end).
    template <typename Visit> void each(std::uint64_t begin, std::uint64_t end, const Visit &visit)
    {
        while (end - begin >= 8 && left_ > 0) {
            left_--;
            std::array<std::uint8_t, 16> head{};
            if (!read(begin, head.data(), end - begin >= 16 ? 16 : 8))
                return;
            std::uint64_t size = number(head.data(), 4);
            std::uint64_t head_bytes = 8;
            if (size == 1) {
                size = number(head.data() + 8, 8);
                head_bytes = 16;
            } else if (size == 0) {
                size = end - begin;
            }
            if (size < head_bytes || size > end - begin)
                return;
            visit(std::string_view(reinterpret_cast<const char *>(head.data()) + 4, 4), begin + head_bytes,
                  begin + size);
            begin += size;
        }
    }
    bool read(std::uint64_t at, std::uint8_t *into, std::size_t bytes) const
    {
        return pread(fd_, into, bytes, static_cast<off_t>(at)) == static_cast<ssize_t>(bytes);
    }
    static std::uint64_t number(const std::uint8_t *bytes, unsigned count)
    {
        std::uint64_t value = 0;
        for (unsigned i = 0; i < count; i++)
            value = value << 8 | bytes[i];
        return value;
    }

private:
    int fd_;
    unsigned left_ = boxes_most;
};

// a, b, c, d of the matrix, in whole units; 2 for all else than -1, 0 and 1.
using Turn = std::array<int, 4>;

struct Row {
    Turn turn;
    const char *words;
};

constexpr Row rows[] = {{{0, 1, -1, 0}, "rotate-90"},       {{-1, 0, 0, -1}, "rotate-180"},
                        {{0, -1, 1, 0}, "rotate-270"},      {{-1, 0, 0, 1}, "flip-rotate-0"},
                        {{0, -1, -1, 0}, "flip-rotate-90"}, {{1, 0, 0, -1}, "flip-rotate-180"},
                        {{0, 1, 1, 0}, "flip-rotate-270"}};

std::string words_of(const Boxes &boxes, std::uint64_t begin, std::uint64_t end)
{
    std::array<std::uint8_t, 36> header{};
    // Behind version and flags, times and numbers; longer in version 1.
    std::uint8_t version = 0;
    if (end - begin < 84 || !boxes.read(begin, &version, 1) || (version != 0 && end - begin < 96))
        return {};
    const std::uint64_t matrix = begin + (version == 0 ? 40 : 52);
    if (!boxes.read(matrix, header.data(), header.size()))
        return {};
    Turn turn{};
    constexpr std::array<std::size_t, 4> places = {0, 4, 12, 16};
    for (std::size_t i = 0; i < turn.size(); i++) {
        const auto value = static_cast<std::uint32_t>(Boxes::number(header.data() + places[i], 4));
        turn[i] = value == 0 ? 0 : value == 0x00010000U ? 1 : value == 0xffff0000U ? -1 : 2;
    }
    for (const Row &row : rows)
        if (row.turn == turn)
            return row.words;
    return {};
}

} // namespace

std::vector<std::string> mp4_orientations(int fd, std::uint64_t begin, std::uint64_t end)
{
    std::vector<std::string> found;
    Boxes boxes(fd);
    auto track = [&](std::uint64_t from, std::uint64_t to) {
        std::string words;
        bool video = false;
        boxes.each(from, to, [&](std::string_view type, std::uint64_t at, std::uint64_t stop) {
            if (type == "tkhd")
                words = words_of(boxes, at, stop);
            if (type == "mdia")
                boxes.each(at, stop, [&](std::string_view inner, std::uint64_t body, std::uint64_t last) {
                    std::array<std::uint8_t, 12> handler{};
                    if (inner == "hdlr" && last - body >= handler.size() &&
                        boxes.read(body, handler.data(), handler.size()))
                        video =
                            std::string_view(reinterpret_cast<const char *>(handler.data()) + 8, 4) == "vide";
                });
        });
        if (video)
            found.push_back(std::move(words));
    };
    boxes.each(begin, end, [&](std::string_view type, std::uint64_t at, std::uint64_t stop) {
        if (type == "moov")
            boxes.each(at, stop, [&](std::string_view inner, std::uint64_t from, std::uint64_t to) {
                if (inner == "trak")
                    track(from, to);
            });
    });
    return found;
}

} // namespace butaca::origin
