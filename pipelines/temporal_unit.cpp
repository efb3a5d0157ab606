// SPDX-License-Identifier: LGPL-2.1-or-later
// Walks the OBUs of a packet (AV1 specification, 5.3).
#include "pipelines/temporal_unit.h"

#include <cstdint>
#include <span>
#include <vector>

namespace butaca::pipelines {

namespace {

using Bytes = std::span<const std::uint8_t>;

// obu_type (6.2.2): temporal delimiter, tile list, padding.
constexpr bool is_left_out(unsigned type) { return type == 2 || type == 8 || type == 15; }

// How long the OBU at the beginning of `rest` is, its header included; 0 when it is malformed. One without a
// size goes to the end.
std::size_t obu_size(Bytes rest)
{
    const bool has_size = rest[0] & 0x02U;
    std::size_t at = rest[0] & 0x04U ? 2 : 1;
    if ((rest[0] & 0x80U) || at > rest.size())
        return 0;
    if (!has_size)
        return rest.size();
    std::uint64_t size = 0;
    for (unsigned i = 0; i < 8; i++) {
        if (at >= rest.size())
            return 0;
        const std::uint8_t byte = rest[at++];
        size |= std::uint64_t{byte & 0x7fU} << (i * 7);
        if (!(byte & 0x80U))
            return size <= rest.size() - at ? at + static_cast<std::size_t>(size) : 0;
    }
    return 0;
}

} // namespace

Owned<GstBuffer> without_delimiters(GstBuffer *unit)
{
    auto whole = adopt(gst_buffer_copy(unit));
    MappedBuffer map(unit);
    if (!map)
        return whole;
    std::vector<std::uint8_t> kept;
    kept.reserve(map.bytes().size());
    for (Bytes rest = map.bytes(); !rest.empty();) {
        const std::size_t size = obu_size(rest);
        if (size == 0)
            return whole;
        if (!is_left_out(rest[0] >> 3 & 0xfU))
            kept.insert(kept.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
        rest = rest.subspan(size);
    }
    if (kept.empty() || kept.size() == map.bytes().size())
        return whole;
    auto trimmed = adopt(gst_buffer_new_memdup(kept.data(), kept.size()));
    gst_buffer_copy_into(trimmed.get(), unit, GST_BUFFER_COPY_METADATA, 0, static_cast<gsize>(-1));
    return trimmed;
}

} // namespace butaca::pipelines
