// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "tests/client/check_faults.h"
#include "tests/client/ts_writer.h"

namespace butaca::test {

namespace {

using client::check::Rule;

constexpr const char *avc = "avc1.64001f";

std::function<void(Site &)> body(std::string page, std::string by)
{
    return [=](Site &site) { site.pages.at(page).body = by; };
}
std::function<void(Site &)> append(std::string page, std::string what)
{
    return [=](Site &site) { site.pages.at(page).body += what; };
}
std::function<void(Site &)> edit(std::string page, std::string old, std::string by)
{
    return [=](Site &site) { site.edit(page, old, by); };
}

// The last segment of the pictures as one fragment that is altered.
std::function<void(Site &)> last_fragment(std::function<void(FragmentWish &)> alter)
{
    return [=](Site &site) {
        FragmentWish wish{1, 288000, {}, true, true, 0};
        for (unsigned f = 0; f < 144; f++)
            wish.samples.push_back(
                {1000, avc_sample(f % 48 == 0 ? 5 : 1, f % 48 == 0 ? 400 : 60), f % 48 == 0, 0});
        alter(wish);
        site.pages["v-2.m4s"].body = fragment(wish);
    };
}

std::function<void(Site &)> init(const std::string &page, const TrackWish &track, bool with_ftyp = true)
{
    return body(page, init_file({track}, with_ftyp));
}

// The larger size in another format, whose name is this in CODECS.
std::function<void(Site &)> other_format(const std::string &entry, const std::string &codecs)
{
    return [=](Site &site) {
        site.pages["v-init.mp4"].body = init_file({{1, "vide", 24000, entry}});
        site.edit("master.m3u8", std::string(avc) + ",", codecs + ",");
    };
}

void use_hevc(Site &site)
{
    for (unsigned k = 0; k < 3; k++)
        site.pages["v-" + std::to_string(k) + ".m4s"].body =
            picture_segment({144000ULL * k, 144, 48, 400, 60, true, 38, 2});
    other_format(hevc_entry(1280, 720, 2, 180), "hvc1.2.6.L180.90")(site);
}

void use_hevc_in_ts(Site &site)
{
    TsWriter writer(0x24);
    const std::string key("\0\0\0\1\x26\1", 6);
    const std::string other("\0\0\0\1\2\1", 6);
    for (unsigned k = 0; k < 3; k++) {
        std::string out = writer.tables();
        for (unsigned f = 0; f < 144; f++)
            out += writer.picture(126000 + 3750ULL * (144 * k + f),
                                  (f % 48 == 0 ? key : other) + std::string(250, 'x'), f % 48 == 0);
        site.pages["v-" + std::to_string(k) + ".ts"].body = out;
    }
    site.edit("master.m3u8", std::string(avc) + ",", "hvc1.1.6.L93.90,");
}

void use_he_aac(Site &site)
{
    for (unsigned k = 0; k < 3; k++)
        site.pages["a-" + std::to_string(k) + ".m4s"].body = sound_segment(k, 250);
    site.pages["a-init.mp4"].body = init_file({{1, "soun", 48000, aac_entry(48000, 5)}});
    write_mp4_master(site);
    site.edit_all("master.m3u8", "mp4a.40.2", "mp4a.40.5");
}

void use_opus(Site &site)
{
    site.pages["a-init.mp4"].body = init_file({{1, "soun", 48000, opus_entry()}});
    site.edit_all("master.m3u8", "mp4a.40.2", "opus");
}

// Sound in the picture's segments, one long sample each.
void mix_sound_in(Site &site)
{
    for (unsigned k = 0; k < 3; k++)
        site.pages["v-" + std::to_string(k) + ".m4s"].body +=
            fragment({2, 288000ULL * k, {{288000, std::string(20, 'a'), true, 0}}});
    site.pages["v-init.mp4"].body =
        init_file({{1, "vide", 24000, avc_entry(1280, 720)}, {2, "soun", 48000, aac_entry(48000)}});
}

void one_key_frame_a_segment(Site &site)
{
    for (unsigned k = 0; k < 3; k++)
        site.pages["w-" + std::to_string(k) + ".m4s"].body =
            picture_segment({144000ULL * k, 144, 144, 400, 30});
    write_mp4_master(site);
}

// A second less of sound.
void shorten_sound(Site &site)
{
    FragmentWish wish{1, 562ULL * 1024, {}, true, true, 0};
    for (unsigned f = 562; f < 797; f++)
        wish.samples.push_back({1024, std::string(20, 'a'), true, 0});
    site.pages["a-2.m4s"].body = fragment(wish);
    site.edit("a.m3u8", "6.010666", "5.013333");
}

void begin_later(Site &site)
{
    for (unsigned k = 0; k < 3; k++)
        site.pages["w-" + std::to_string(k) + ".m4s"].body =
            picture_segment({144000ULL * k + 24000, 144, 48, 400, 30});
}

void move_borders(Site &site)
{
    site.pages["w-0.m4s"].body = picture_segment({0, 132, 48, 400, 30});
    site.pages["w-1.m4s"].body = picture_segment({132000, 150, 48, 400, 30});
    site.pages["w-2.m4s"].body = picture_segment({282000, 150, 48, 400, 30});
    site.edit("w.m3u8", "6.000000,\nw-0", "5.500000,\nw-0");
    site.edit("w.m3u8", "6.000000,\nw-1", "6.250000,\nw-1");
    site.edit("w.m3u8", "6.000000,\nw-2", "6.250000,\nw-2");
}

void lie_about_durations(Site &site)
{
    site.edit("v.m3u8", "6.000000,\nv-0", "6.100000,\nv-0");
    site.edit("v.m3u8", "6.000000,\nv-1", "5.900000,\nv-1");
}

void two_programs(Site &site)
{
    TsWriter writer;
    std::string out = writer.tables(2);
    for (unsigned f = 0; f < 144; f++)
        out += writer.picture(126000 + 3750ULL * f, byte_stream_picture(f % 48 == 0, 150), f % 48 == 0);
    site.pages["w-0.ts"].body = out;
}

} // namespace

std::vector<Fault> media_faults()
{
    const std::string entry = avc_entry(1280, 720);
    TrackWish with_duration{1, "vide", 24000, entry, 5};
    TrackWish with_samples{1, "vide", 24000, entry, 0, 3};
    TrackWish without_trex{1, "vide", 24000, entry, 0, 0, false};
    const std::string null_packet = std::string("\x47\x1f\xff\x10", 4) + std::string(184, '\0');
    return {
        {Rule::sound_apart, Base::mp4, mix_sound_in, {}},
        {Rule::video_codec, Base::mp4, other_format(vp9_entry(1280, 720), "vp09.00.31.08"), {}},
        {Rule::video_h264_level, Base::mp4, other_format(avc_entry(1280, 720, 100, 60), "avc1.64003c"), {}},
        {Rule::video_h264_level, Base::mp4, other_format(avc_entry(1280, 720, 110, 31), "avc1.6e001f"), {}},
        {Rule::video_hevc_level, Base::mp4, use_hevc, {}},
        {Rule::video_hevc_container, Base::ts, use_hevc_in_ts, {}},
        {Rule::video_parameter_sets,
         Base::mp4,
         other_format(avc_entry(1280, 720, 100, 31, "avc3"), "avc3.64001f"),
         {}},
        {Rule::video_keyframes, Base::mp4, one_key_frame_a_segment, {}},
        {Rule::sound_aac, Base::mp4, use_opus, {}},
        {Rule::sound_he_aac, Base::mp4, use_he_aac, {}},
        {Rule::time_range, Base::mp4, shorten_sound, {}},
        {Rule::time_start, Base::mp4, begin_later, {}},
        {Rule::time_borders, Base::mp4, move_borders, {}},
        {Rule::extinf_exact, Base::pictures, lie_about_durations, {}},
        {Rule::tfdt_continuous, Base::pictures, body("v-1.m4s", picture_segment({144001, 144})), {}},
        {Rule::tfdt_continuous,
         Base::pictures,
         body("v-1.m4s",
              picture_segment({144000, 48}) + picture_segment({192001, 48}) + picture_segment({240000, 48})),
         {}},
        {Rule::segment_idr,
         Base::pictures,
         body("v-1.m4s", picture_segment({144000, 144, 48, 400, 60, false})),
         {}},
        {Rule::box_sizes, Base::pictures, append("v-2.m4s", "junk"), {}},
        {Rule::box_sizes,
         Base::pictures,
         [](Site &site) { site.pages["v-2.m4s"].body.resize(11000); },
         {"fragment-data"}},
        {Rule::init_form, Base::pictures, init("v-init.mp4", {1, "vide", 24000, entry}, false), {}},
        {Rule::init_extends, Base::pictures, init("v-init.mp4", without_trex), {}},
        {Rule::init_durations, Base::pictures, init("v-init.mp4", with_duration), {}},
        {Rule::init_samples, Base::pictures, init("v-init.mp4", with_samples), {}},
        {Rule::fragment_form, Base::pictures, body("v-2.m4s", box("styp", "msdh")), {}},
        {Rule::fragment_form,
         Base::pictures,
         last_fragment([](auto &wish) { wish.with_mdat = false; }),
         {"fragment-data"}},
        {Rule::fragment_tfdt, Base::pictures, last_fragment([](auto &wish) { wish.with_tfdt = false; }), {}},
        {Rule::fragment_data, Base::pictures, last_fragment([](auto &wish) { wish.data_shift = 1; }), {}},
        {Rule::fragment_data,
         Base::pictures,
         last_fragment([](auto &wish) { wish.data_shift = -1000000; }),
         {}},
        {Rule::fragment_track, Base::pictures, last_fragment([](auto &wish) { wish.track = 9; }), {}},
        {Rule::ts_packets, Base::ts, append("w-2.ts", "junk"), {}},
        {Rule::ts_tables, Base::ts, two_programs, {}},
        {Rule::ts_tables_first,
         Base::ts,
         [=](Site &site) { site.pages["w-1.ts"].body.insert(0, null_packet); },
         {}},
        {Rule::ts_counters,
         Base::ts,
         [](Site &site) {
             std::string &segment = site.pages["v-1.ts"].body;
             segment.resize(segment.size() - 188);
         },
         {}},
        {Rule::audio_timestamp, Base::ts, body("a-1.aac", packed_aac(0, 281, 30, false)), {}},
        {Rule::subtitles_range, Base::mp4, edit("s.m3u8", "6.000000,\ns-2", "4.000000,\ns-2"), {}},
        {Rule::webvtt_header, Base::mp4, edit("s-1.vtt", "WEBVTT", "WEBVVT"), {}},
        {Rule::webvtt_map,
         Base::mp4,
         edit("s-1.vtt", "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n", ""),
         {}},
        {Rule::webvtt_cue, Base::mp4, edit("s-0.vtt", "03.500", "00.500"), {}},
        {Rule::webvtt_place, Base::mp4, edit("s-1.vtt", "MPEGTS:0", "MPEGTS:900000"), {}},
    };
}

} // namespace butaca::test
