// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/parameter_sets.h"

#include "src/origin/bitstream.h"
#include "src/origin/caps_fields.h"

namespace butaca::origin {

namespace {

// A hostile stream may bring a new one with each packet: more than decoders can keep is a change anyway.
constexpr std::size_t sets_most = 512;

bool is_parameter_set(std::uint8_t head, bool hevc)
{
    const unsigned type = hevc ? head >> 1 & 0x3fU : head & 0x1fU;
    return hevc ? type >= 32 && type <= 34 : type == 7 || type == 8 || type == 13;
}

bool is_picture(std::uint8_t head, bool hevc)
{
    const unsigned type = hevc ? head >> 1 & 0x3fU : head & 0x1fU;
    return hevc ? type < 32 : type >= 1 && type <= 5;
}

} // namespace

void ParameterSets::take(const GstCaps *caps, GstBuffer *packet)
{
    const GstStructure *structure = first(caps);
    const bool hevc = structure && gst_structure_has_name(structure, "video/x-h265");
    if (changed_ || !structure || (!hevc && !gst_structure_has_name(structure, "video/x-h264")))
        return;
    if (!configured_)
        take_configuration(structure, hevc);
    configured_ = true;
    if (MappedBuffer data(packet); data)
        each_unit(data.bytes(), length_bytes_of(structure, hevc), [&](Bytes unit) {
            take_unit(unit, hevc);
            return false;
        });
}

// Those in avcC (ISO/IEC 14496-15, 5.3.3.1) or hvcC (8.3.3.1).
void ParameterSets::take_configuration(const GstStructure *caps, bool hevc)
{
    const GValue *value = gst_structure_get_value(caps, "codec_data");
    MappedBuffer map(value && GST_VALUE_HOLDS_BUFFER(value) ? gst_value_get_buffer(value) : nullptr);
    if (!map)
        return;
    Bytes rest = map.bytes();
    const auto number = [&rest](std::size_t bytes) {
        std::size_t result = 0;
        for (; bytes > 0 && !rest.empty(); bytes--, rest = rest.subspan(1))
            result = result << 8 | rest[0];
        return result;
    };
    const auto sets = [&](std::size_t count) {
        for (; count > 0 && rest.size() > 2; count--) {
            const std::size_t told = number(2); // moves `rest` on, so it comes first
            const std::size_t size = std::min(told, rest.size());
            take_unit(rest.first(size), hevc);
            rest = rest.subspan(size);
        }
    };
    const std::size_t head = hevc ? 22 : 5;
    if (rest.size() <= head)
        return;
    rest = rest.subspan(head);
    if (!hevc) {
        sets(number(1) & 31U);
        sets(number(1));
        return;
    }
    for (std::size_t arrays = number(1); arrays > 0 && rest.size() > 3; arrays--) {
        number(1);
        sets(number(2));
    }
}

void ParameterSets::take_unit(Bytes unit, bool hevc)
{
    // Zeros behind a unit belong to the byte stream (ISO/IEC 14496-10, annex B).
    while (!unit.empty() && unit.back() == 0)
        unit = unit.first(unit.size() - 1);
    if (unit.empty())
        return;
    pictures_ = pictures_ || is_picture(unit[0], hevc);
    if (!is_parameter_set(unit[0], hevc))
        return;
    const bool is_new = known_.emplace(unit.begin(), unit.end()).second;
    changed_ = changed_ || (is_new && pictures_) || known_.size() > sets_most;
}

} // namespace butaca::origin
