// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/chapters/mp4_boxes.h"

#include <algorithm>

namespace butaca::origin {

std::vector<Mp4Box> mp4_boxes(std::string_view bytes)
{
    constexpr std::size_t boxes_most = 4096;
    constexpr std::size_t header_bytes = 8;
    std::vector<Mp4Box> boxes;
    while (bytes.size() >= header_bytes && boxes.size() < boxes_most) {
        Fields fields(bytes);
        std::uint64_t size = fields.number(4);
        std::size_t head = header_bytes;
        fields.skip(4);
        if (size == 1) {
            size = number64(fields);
            head = 2 * header_bytes;
        } else if (size == 0) {
            size = bytes.size();
        }
        if (size < head || size > bytes.size())
            break;
        boxes.push_back({bytes.substr(4, 4), bytes.substr(head, static_cast<std::size_t>(size) - head)});
        bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return boxes;
}

std::optional<std::string_view> mp4_box(std::string_view bytes, std::initializer_list<std::string_view> path)
{
    for (std::string_view wanted : path) {
        const auto boxes = mp4_boxes(bytes);
        auto found =
            std::find_if(boxes.begin(), boxes.end(), [&](const Mp4Box &box) { return box.type == wanted; });
        if (found == boxes.end())
            return std::nullopt;
        bytes = found->body;
    }
    return bytes;
}

} // namespace butaca::origin
