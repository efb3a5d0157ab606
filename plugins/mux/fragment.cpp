// SPDX-License-Identifier: LGPL-2.1-or-later
// Media segment boxes. The trouble saved here is overhead: at low rates an audio chunk's boxes rival its
// sound.
#include "plugins/mux/fragment.h"

#include <algorithm>

#include "plugins/mux/init_segment.h"

namespace butaca::mux {
namespace {

// tfhd flags.
constexpr std::uint32_t default_duration_present = 0x8;
constexpr std::uint32_t default_size_present = 0x10;
constexpr std::uint32_t default_flags_present = 0x20;
constexpr std::uint32_t default_base_is_moof = 0x20000;
// trun flags.
constexpr std::uint32_t data_offset_present = 0x1;
constexpr std::uint32_t first_flags_present = 0x4;
constexpr std::uint32_t duration_present = 0x100;
constexpr std::uint32_t size_present = 0x200;
constexpr std::uint32_t flags_present = 0x400;
constexpr std::uint32_t offset_present = 0x800;

// Which fields vary, and so have to be written for each sample.
struct Layout {
    std::uint32_t tfhd = default_base_is_moof;
    std::uint32_t trun = data_offset_present;
    std::uint32_t flags = 0; // the default, where tfhd or trex can say it
};

template <typename Field> bool all_equal(std::span<const FragmentSample> samples, Field field)
{
    return std::ranges::all_of(
        samples, [&](const FragmentSample &sample) { return sample.*field == samples.front().*field; });
}

Layout lay_out(const Fragment &fragment)
{
    const auto samples = fragment.samples;
    Layout layout;
    if (all_equal(samples, &FragmentSample::duration))
        layout.tfhd |= default_duration_present;
    else
        layout.trun |= duration_present;
    if (all_equal(samples, &FragmentSample::size_bytes))
        layout.tfhd |= default_size_present;
    else
        layout.trun |= size_present;
    if (std::ranges::any_of(samples, [](const auto &sample) { return sample.composition_offset != 0; }))
        layout.trun |= offset_present;

    const auto rest = samples.size() > 1 ? samples.subspan(1) : samples;
    layout.flags = rest.front().flags;
    if (!all_equal(rest, &FragmentSample::flags))
        layout.trun |= flags_present;
    else if (samples.front().flags != layout.flags)
        layout.trun |= first_flags_present;
    if (!(layout.trun & flags_present) && layout.flags != fragment.default_flags)
        layout.tfhd |= default_flags_present;
    return layout;
}

void write_tfhd(BoxWriter &out, const Fragment &fragment, const Layout &layout)
{
    const auto tfhd = out.full_box("tfhd", 0, layout.tfhd);
    out.u32(track_id);
    if (layout.tfhd & default_duration_present)
        out.u32(fragment.samples.front().duration);
    if (layout.tfhd & default_size_present)
        out.u32(fragment.samples.front().size_bytes);
    if (layout.tfhd & default_flags_present)
        out.u32(layout.flags);
}

// Returns where the data offset stands, to be filled in when moof is closed.
std::size_t write_trun(BoxWriter &out, const Fragment &fragment, const Layout &layout)
{
    const auto trun = out.full_box("trun", 1, layout.trun);
    out.u32(static_cast<std::uint32_t>(fragment.samples.size()));
    const std::size_t data_offset = out.size();
    out.u32(0);
    if (layout.trun & first_flags_present)
        out.u32(fragment.samples.front().flags);
    for (const FragmentSample &sample : fragment.samples) {
        if (layout.trun & duration_present)
            out.u32(sample.duration);
        if (layout.trun & size_present)
            out.u32(sample.size_bytes);
        if (layout.trun & flags_present)
            out.u32(sample.flags);
        if (layout.trun & offset_present)
            out.u32(static_cast<std::uint32_t>(sample.composition_offset));
    }
    return data_offset;
}

} // namespace

Bytes fragment_head(const Fragment &fragment)
{
    constexpr std::uint32_t mdat_header_bytes = 8;
    const Layout layout = lay_out(fragment);
    BoxWriter out;
    std::size_t data_offset = 0;
    {
        const auto moof = out.box("moof");
        {
            const auto mfhd = out.full_box("mfhd", 0, 0);
            out.u32(fragment.sequence_number);
        }
        const auto traf = out.box("traf");
        write_tfhd(out, fragment, layout);
        {
            const auto tfdt = out.full_box("tfdt", 1, 0);
            out.u64(fragment.decode_time);
        }
        data_offset = write_trun(out, fragment, layout);
    }
    out.patch_u32(data_offset, static_cast<std::uint32_t>(out.size()) + mdat_header_bytes);
    std::uint32_t payload_bytes = 0;
    for (const FragmentSample &sample : fragment.samples)
        payload_bytes += sample.size_bytes;
    out.u32(payload_bytes + mdat_header_bytes);
    out.four_cc("mdat");
    return out.take();
}

Bytes segment_type(bool video, bool indexed)
{
    BoxWriter out;
    {
        const auto styp = out.box("styp");
        out.four_cc("msdh");
        out.u32(0);
        out.four_cc("msdh");
        out.four_cc("iso6");
        out.four_cc("cmfs");
        if (video)
            out.four_cc("cmf2");
        if (indexed)
            out.four_cc("msix");
    }
    return out.take();
}

Bytes segment_index(const SegmentIndex &index)
{
    BoxWriter out;
    {
        const auto sidx = out.full_box("sidx", 1, 0);
        out.u32(track_id);
        out.u32(index.timescale);
        out.u64(index.start);
        out.u64(0); // the segment follows at once
        out.u16(0);
        out.u16(1);
        out.u32(index.size_bytes & 0x7fffffff); // top bit clear: refers to media
        out.u32(index.duration);
        const std::uint32_t sap_type = index.starts_in_order ? 1 : 2;
        out.u32(0x80000000 | sap_type << 28); // starts with a sync sample, delta 0
    }
    return out.take();
}

} // namespace butaca::mux
