// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/boxes.h"

#include <algorithm>

namespace butaca::client::check {

std::uint64_t ByteReader::number(unsigned size_bytes)
{
    std::uint64_t value = 0;
    for (char c : bytes(size_bytes))
        value = value << 8U | static_cast<unsigned char>(c);
    return value;
}

std::string_view ByteReader::bytes(std::size_t size_bytes)
{
    if (size_bytes > rest_.size()) {
        ok_ = false;
        rest_ = {};
        return {};
    }
    const std::string_view taken = rest_.substr(0, size_bytes);
    rest_.remove_prefix(size_bytes);
    return taken;
}

const Box *Boxes::find(std::string_view type) const
{
    const auto found = std::find_if(all.begin(), all.end(), [&](const Box &box) { return box.type == type; });
    return found == all.end() ? nullptr : &*found;
}

std::size_t Boxes::count(std::string_view type) const
{
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const Box &box) { return box.type == type; }));
}

Boxes split_boxes(std::string_view bytes, std::size_t at)
{
    constexpr std::size_t boxes_most = 4096;
    Boxes boxes;
    while (!bytes.empty()) {
        ByteReader reader(bytes);
        std::uint64_t size = reader.u32();
        Box box{std::string(reader.bytes(4)), at, {}, 0};
        std::size_t head = 8;
        if (size == 1) {
            size = reader.number(8);
            head = 16;
        } else if (size == 0) {
            size = bytes.size(); // to the end of the file
        }
        if (!reader.ok() || size < head || size > bytes.size() || boxes.all.size() == boxes_most) {
            boxes.bad_at = at;
            return boxes;
        }
        box.payload = bytes.substr(head, size - head);
        box.payload_at = at + head;
        boxes.all.push_back(std::move(box));
        bytes.remove_prefix(size);
        at += size;
    }
    return boxes;
}

std::optional<Box> descend(const Box &box, std::string_view path)
{
    const std::size_t slash = path.find('/');
    const Boxes inside = children(box);
    const Box *found = inside.find(path.substr(0, slash));
    if (!found)
        return std::nullopt;
    return slash == path.npos ? std::optional(*found) : descend(*found, path.substr(slash + 1));
}

} // namespace butaca::client::check
