// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/container.h"

#include <array>
#include <string_view>

#include <gst/base/gsttypefindhelper.h>
#include <unistd.h>

#include "src/base/encoding.h"
#include "src/origin/display_matrix.h"

namespace butaca::origin {

namespace {

struct Row {
    const char *caps; // as gst_caps_from_string() reads them; fields narrow it down
    const char *name;
    const char *demuxer;
    bool bare;
    bool packets_are_frames;
    std::int64_t grid_ns;
};

// Times in whole milliseconds, often rounded twice on their way into the file.
constexpr std::int64_t ms_ns = 2'000'000;

constexpr Row rows[] = {
    {"video/quicktime", "mp4", "qtdemux", false, true, 0},
    {"audio/x-m4a", "mp4", "qtdemux", false, true, 0},
    {"application/x-3gp", "mp4", "qtdemux", false, true, 0},
    {"video/webm", "webm", "matroskademux", false, true, ms_ns},
    {"audio/webm", "webm", "matroskademux", false, true, ms_ns},
    {"video/x-matroska", "matroska", "matroskademux", false, true, ms_ns},
    {"audio/x-matroska", "matroska", "matroskademux", false, true, ms_ns},
    {"video/x-matroska-3d", "matroska", "matroskademux", false, true, ms_ns},
    {"video/mpegts", "mpegts", "tsdemux", false, false, 0},
    {"video/mpeg, systemstream=(boolean)true", "mpegps", "mpegpsdemux", false, false, 0},
    {"video/x-cdxa", "mpegps", "mpegpsdemux", false, false, 0},
    {"video/x-msvideo", "avi", "avidemux", false, true, 0},
    {"video/x-ms-asf", "asf", "asfdemux", false, true, ms_ns},
    {"application/ogg", "ogg", "oggdemux", false, false, 0},
    {"video/ogg", "ogg", "oggdemux", false, false, 0},
    {"audio/ogg", "ogg", "oggdemux", false, false, 0},
    {"video/x-flv", "flv", "flvdemux", false, true, ms_ns},
    {"audio/mpeg, mpegversion=(int)1", "mp3", "mpegaudioparse", true, false, 0},
    {"audio/mpeg, mpegversion=(int){ 2, 4 }", "aac", "aacparse", true, false, 0},
    {"audio/x-flac", "flac", "flacparse", true, false, 0},
    {"audio/x-ac3", "ac3", "ac3parse", true, false, 0},
    {"audio/x-eac3", "eac3", "ac3parse", true, false, 0},
    {"audio/x-dts", "dts", "dcaparse", true, false, 0},
    {"audio/x-wav", "wav", "wavparse", false, false, 0},
    {"audio/x-aiff", "aiff", "aiffparse", false, false, 0},
    {"audio/x-wavpack", "wavpack", "wavpackparse", true, false, 0},
    {"video/x-h264", "h264", "h264parse", true, false, 0},
    {"video/x-h265", "hevc", "h265parse", true, false, 0},
    {"video/mpeg, systemstream=(boolean)false", "mpegvideo", "mpegvideoparse", true, false, 0},
};

struct Source {
    int fd = -1;
    std::uint64_t base = 0;
    std::uint64_t end = 0;
    std::uint64_t read_bytes = 0;
};
thread_local Source *current = nullptr;

// The most that finding the type may read in all: a hostile file must not make it read gigabytes.
constexpr std::uint64_t read_limit_bytes = 64U << 20;

GstFlowReturn get_range(GstObject *, GstObject *, guint64 offset, guint length, GstBuffer **out)
{
    Source &source = *current;
    if (offset >= source.end - source.base || source.read_bytes > read_limit_bytes)
        return GST_FLOW_EOS;
    length = static_cast<guint>(std::min<std::uint64_t>(length, source.end - source.base - offset));
    GstBuffer *buffer = gst_buffer_new_allocate(nullptr, length, nullptr);
    GstMapInfo map;
    gst_buffer_map(buffer, &map, GST_MAP_WRITE);
    ssize_t got = pread(source.fd, map.data, length, static_cast<off_t>(source.base + offset));
    gst_buffer_unmap(buffer, &map);
    if (got <= 0) {
        gst_buffer_unref(buffer);
        return GST_FLOW_EOS;
    }
    source.read_bytes += static_cast<std::uint64_t>(got);
    gst_buffer_set_size(buffer, got);
    *out = buffer;
    return GST_FLOW_OK;
}

Owned<GstCaps> type_at(int fd, std::uint64_t base, std::uint64_t size_bytes)
{
    Source source{fd, base, size_bytes};
    current = &source;
    // Some object has to stand in the log for the helper.
    Owned<GstElement> stand_in = sink(gst_element_factory_make("fakesrc", nullptr));
    GstTypeFindProbability probability = GST_TYPE_FIND_NONE;
    Owned<GstCaps> caps = adopt(gst_type_find_helper_get_range(GST_OBJECT(stand_in.get()), nullptr, get_range,
                                                               size_bytes - base, nullptr, &probability));
    current = nullptr;
    return caps;
}

// The size of the ID3v2 tag at `base` (ID3v2.4 structure, 3.1), 0 when there is none.
std::uint64_t id3v2_size(int fd, std::uint64_t base)
{
    std::array<unsigned char, 10> head{};
    if (pread(fd, head.data(), head.size(), static_cast<off_t>(base)) != static_cast<ssize_t>(head.size()))
        return 0;
    if (std::string_view(reinterpret_cast<char *>(head.data()), 3) != "ID3")
        return 0;
    std::uint64_t size = 0;
    for (int i = 6; i < 10; i++)
        size = size << 7 | (head[i] & 0x7fU);
    return size + 10 + ((head[5] & 0x10U) ? 10 : 0);
}

// The size of an ID3v1 or APEv2 tag that ends at `end`, 0 when there is none.
std::uint64_t tail_tag_size(int fd, std::uint64_t base, std::uint64_t end)
{
    std::array<unsigned char, 32> foot{};
    if (end - base >= 128 && pread(fd, foot.data(), 3, static_cast<off_t>(end - 128)) == 3 &&
        std::string_view(reinterpret_cast<char *>(foot.data()), 3) == "TAG")
        return 128;
    if (end - base < 32 || pread(fd, foot.data(), 32, static_cast<off_t>(end - 32)) != 32 ||
        std::string_view(reinterpret_cast<char *>(foot.data()), 8) != "APETAGEX")
        return 0;
    std::uint64_t size = 0;
    for (int i = 15; i >= 12; i--)
        size = size << 8 | foot[i];
    if (foot[23] & 0x80U)
        size += 32;
    return size;
}

// QuickTime proper says so by its brand, or, older than brands, has none.
bool is_quicktime(int fd, std::uint64_t base)
{
    std::array<char, 8> head{};
    if (pread(fd, head.data(), head.size(), static_cast<off_t>(base + 4)) !=
        static_cast<ssize_t>(head.size()))
        return false;
    std::string_view text(head.data(), head.size());
    return text == "ftypqt  " || !text.starts_with("ftyp");
}

// Behind the metadata blocks of a FLAC stream at `base` (RFC 9639, 8.1); 0 when they make no sense.
std::uint64_t flac_frames_at(int fd, std::uint64_t base, std::uint64_t end)
{
    std::array<unsigned char, 4> head{};
    std::uint64_t at = base + 4;
    while (at + 4 <= end && pread(fd, head.data(), 4, static_cast<off_t>(at)) == 4) {
        at += 4 + (std::uint64_t{head[1]} << 16 | std::uint64_t{head[2]} << 8 | head[3]);
        if (head[0] & 0x80U)
            return at < end ? at : 0;
    }
    return 0;
}

const char *wrapper_for(std::string_view type)
{
    if (type == "application/x-id3")
        return "id3demux";
    if (type == "application/x-apetag")
        return "apedemux";
    return nullptr;
}

std::string words_for(std::string_view type)
{
    if (type.starts_with("text/") || type == "application/x-subtitle")
        return "this is text, not a film or music";
    if (type.starts_with("image/"))
        return "this is a picture, not a film or music";
    return "files of this type cannot be played";
}

} // namespace

const MatroskaSubtitles *Container::subtitles_at(std::string_view pad) const
{
    constexpr std::string_view prefix = "subtitle_";
    if (!pad.starts_with(prefix))
        return nullptr;
    auto number = to_integer<std::size_t>(pad.substr(prefix.size()));
    return number && *number < subtitles.size() ? &subtitles[*number] : nullptr;
}

Result<Container> identify(int fd, std::uint64_t size_bytes)
{
    Container result;
    std::uint64_t end = size_bytes;
    for (int depth = 0; depth < 6; depth++) {
        if (result.first_byte >= end)
            return fail(ErrorCode::unsupported, "the file holds nothing but tags");
        Owned<GstCaps> caps = type_at(fd, result.first_byte, end);
        if (!caps || gst_caps_is_empty(caps.get()))
            return fail(ErrorCode::unsupported, "the bytes are of no known type");
        std::string_view type = gst_structure_get_name(gst_caps_get_structure(caps.get(), 0));
        if (const char *wrapper = wrapper_for(type)) {
            result.wrappers.emplace_back(wrapper);
            std::uint64_t head_bytes = id3v2_size(fd, result.first_byte);
            std::uint64_t tail_bytes = head_bytes ? 0 : tail_tag_size(fd, result.first_byte, end);
            if (head_bytes + tail_bytes == 0 || tail_bytes > end - result.first_byte)
                return fail(ErrorCode::unsupported, "the bytes are of no known type");
            result.first_byte += head_bytes;
            end -= tail_bytes;
            continue;
        }
        for (const Row &row : rows) {
            Owned<GstCaps> wanted = adopt(gst_caps_from_string(row.caps));
            if (!gst_caps_is_subset(caps.get(), wanted.get()))
                continue;
            result.name = row.name;
            result.demuxer = row.demuxer;
            result.bare = row.bare;
            result.packets_are_frames = row.packets_are_frames;
            result.grid_ns = row.grid_ns;
            if (type == "video/quicktime" && is_quicktime(fd, result.first_byte))
                result.name = "mov";
            if (result.demuxer == "flacparse")
                result.first_packet_byte = flac_frames_at(fd, result.first_byte, end);
            if (result.demuxer == "qtdemux")
                result.orientations = mp4_orientations(fd, result.first_byte, end);
            result.own_times = result.demuxer == "matroskademux";
            if (result.own_times)
                result.subtitles = matroska_subtitles_of(fd);
            return result;
        }
        return fail(ErrorCode::unsupported, words_for(type), std::string(type));
    }
    return fail(ErrorCode::unsupported, "the file holds nothing but tags");
}

} // namespace butaca::origin
