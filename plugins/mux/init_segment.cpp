// SPDX-License-Identifier: LGPL-2.1-or-later
// ftyp and moov, box by box in the order of the standard.
#include "plugins/mux/init_segment.h"

#include <algorithm>

#include "plugins/mux/fragment.h"
#include "plugins/mux/sample_entry.h"

namespace butaca::mux {
namespace {

void write_matrix(BoxWriter &out)
{
    for (const std::uint32_t value : {0x00010000u, 0u, 0u, 0u, 0x00010000u, 0u, 0u, 0u, 0x40000000u})
        out.u32(value);
}

void write_ftyp(BoxWriter &out, bool video)
{
    const auto ftyp = out.box("ftyp");
    out.four_cc("iso6");
    out.u32(0);
    out.four_cc("iso6");
    out.four_cc("mp41");
    out.four_cc("cmfc");
    if (video)
        out.four_cc("cmf2");
}

void write_mvhd(BoxWriter &out, std::uint32_t timescale)
{
    const auto mvhd = out.full_box("mvhd", 0, 0);
    out.u32(0); // creation and modification time: none, or equal input would not give equal bytes
    out.u32(0);
    out.u32(timescale);
    out.u32(0);
    out.u32(0x00010000); // rate
    out.u16(0x0100);     // volume
    out.zeros(10);
    write_matrix(out);
    out.zeros(24);
    out.u32(track_id + 1);
}

void write_tkhd(BoxWriter &out, const Track &track)
{
    const bool video = is_video(track.codec);
    const auto tkhd = out.full_box("tkhd", 0, 0x7); // enabled, in the movie, in previews
    out.u32(0);
    out.u32(0);
    out.u32(track_id);
    out.u32(0);
    out.u32(0); // duration
    out.zeros(8);
    out.u16(0); // layer
    out.u16(0); // alternate group
    out.u16(video ? 0 : 0x0100);
    out.u16(0);
    write_matrix(out);
    // The size to show, 16.16: the width carries the pixel aspect.
    const std::uint64_t shown_width =
        (std::uint64_t{track.width} << 16) * track.aspect_width / track.aspect_height;
    out.u32(video ? static_cast<std::uint32_t>(std::min<std::uint64_t>(shown_width, 0xffffffff)) : 0);
    out.u32(video ? static_cast<std::uint32_t>(track.height) << 16 : 0);
}

// One edit that begins `media_time` ticks into the media, and lasts: the only shape that players of fragments
// read.
void write_edit_list(BoxWriter &out, std::uint32_t media_time)
{
    const auto edts = out.box("edts");
    const auto elst = out.full_box("elst", 0, 0);
    out.u32(1);
    out.u32(0); // duration: all of it
    out.u32(media_time);
    out.u32(0x00010000);
}

void write_mdhd(BoxWriter &out, const Track &track)
{
    const auto mdhd = out.full_box("mdhd", 0, 0);
    out.u32(0);
    out.u32(0);
    out.u32(track.timescale);
    out.u32(0);
    unsigned packed = 0;
    for (const char letter : track.language)
        packed = packed << 5 | static_cast<unsigned>(letter - 0x60);
    out.u16(static_cast<std::uint16_t>(packed));
    out.u16(0);
}

void write_hdlr(BoxWriter &out, bool video)
{
    const auto hdlr = out.full_box("hdlr", 0, 0);
    out.u32(0);
    out.four_cc(video ? "vide" : "soun");
    out.zeros(12);
    out.u8(0); // empty name
}

void write_data_reference(BoxWriter &out)
{
    const auto dinf = out.box("dinf");
    const auto dref = out.full_box("dref", 0, 0);
    out.u32(1);
    const auto url = out.full_box("url ", 0, 1); // in this very file
}

void write_sample_table(BoxWriter &out, const Track &track)
{
    const auto stbl = out.box("stbl");
    {
        const auto stsd = out.full_box("stsd", 0, 0);
        out.u32(1);
        write_sample_entry(out, track);
    }
    // The samples are in fragments; these boxes are mandatory and empty.
    for (const char *type : {"stts", "stsc"}) {
        const auto table = out.full_box(type, 0, 0);
        out.u32(0);
    }
    {
        const auto stsz = out.full_box("stsz", 0, 0);
        out.u32(0);
        out.u32(0);
    }
    const auto stco = out.full_box("stco", 0, 0);
    out.u32(0);
}

void write_trak(BoxWriter &out, const Track &track)
{
    const bool video = is_video(track.codec);
    const auto trak = out.box("trak");
    write_tkhd(out, track);
    if (track.edit_media_time != 0)
        write_edit_list(out, track.edit_media_time);
    const auto mdia = out.box("mdia");
    write_mdhd(out, track);
    write_hdlr(out, video);
    const auto minf = out.box("minf");
    {
        const auto header = out.full_box(video ? "vmhd" : "smhd", 0, video ? 1 : 0);
        out.zeros(video ? 8 : 4);
    }
    write_data_reference(out);
    write_sample_table(out, track);
}

} // namespace

std::uint32_t default_sample_flags(Codec codec) { return is_video(codec) ? difference_flags : sync_flags; }

Result<Bytes> init_segment(const Track &track)
{
    if (Status status = check_track(track); !status)
        return fail(std::move(status.error()));
    BoxWriter out;
    write_ftyp(out, is_video(track.codec));
    {
        const auto moov = out.box("moov");
        write_mvhd(out, track.timescale);
        write_trak(out, track);
        const auto mvex = out.box("mvex");
        const auto trex = out.full_box("trex", 0, 0);
        out.u32(track_id);
        out.u32(1); // the only sample description
        out.u32(0);
        out.u32(0);
        out.u32(default_sample_flags(track.codec));
    }
    return out.take();
}

} // namespace butaca::mux
