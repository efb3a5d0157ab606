// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/client/check_faults.h"

namespace butaca::test {

namespace {

using client::check::Rule;

std::function<void(Site &)> edit(std::string page, std::string old, std::string by)
{
    return [=](Site &site) { site.edit(page, old, by); };
}
std::function<void(Site &)> remove_line(std::string page, std::string begin)
{
    return [=](Site &site) { site.remove_line(page, begin); };
}
std::function<void(Site &)> add_line(std::string page, std::string line)
{
    return edit(std::move(page), "#EXT-X-VERSION:7\n", "#EXT-X-VERSION:7\n" + line + "\n");
}
std::function<void(Site &)> add_media(std::string attributes)
{
    return edit("master.m3u8", "#EXT-X-MEDIA:TYPE=SUB",
                "#EXT-X-MEDIA:" + attributes + "\n#EXT-X-MEDIA:TYPE=SUB");
}

// The place of the second variant's line in master.m3u8, and of what follows it.
std::pair<std::size_t, std::size_t> second_variant(const Site &site)
{
    const std::string &text = site.pages.at("master.m3u8").body;
    const std::size_t first = text.find("#EXT-X-STREAM-INF");
    const std::size_t second = text.find("#EXT-X-STREAM-INF", first + 1);
    return {second, text.find("#EXT-X-I-FRAME")};
}

// Gives an attribute of the second variant another value; without one it is taken away.
std::function<void(Site &)> second_says(std::string name, std::string value)
{
    return [=](Site &site) {
        std::string &text = site.pages.at("master.m3u8").body;
        const std::size_t begin = text.find(name + "=", second_variant(site).first);
        const std::size_t end = text.find(',', begin);
        text.replace(begin, end - begin + (value.empty() ? 1 : 0), value.empty() ? "" : name + "=" + value);
    };
}

// Of the 18 s of pictures: the first segment has 157 pictures, 6.54 s, and EXTINF is shorter by less than
// one.
void lengthen_first(Site &site)
{
    site.pages["v-0.m4s"].body = picture_segment({0, 157});
    site.pages["v-1.m4s"].body = picture_segment({157000, 131});
    site.edit("v.m3u8", "6.000000,\nv-0", "6.499999,\nv-0");
    site.edit("v.m3u8", "6.000000,\nv-1", "5.458334,\nv-1");
}

void set_targets(Site &site, const std::vector<std::string> &pages)
{
    for (const std::string &page : pages)
        site.edit(page, "TARGETDURATION:6", "TARGETDURATION:7");
}

void add_segment_without_duration(Site &site)
{
    site.pages["s-3.vtt"] = {"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n", "text/vtt", {}};
    site.edit("s.m3u8", "#EXT-X-ENDLIST", "s-3.vtt\n#EXT-X-ENDLIST");
}

void swap_variants(Site &site)
{
    std::string &text = site.pages.at("master.m3u8").body;
    const auto [second, end] = second_variant(site);
    const std::string moved = text.substr(second, end - second);
    text.erase(second, end - second);
    text.insert(text.find("#EXT-X-STREAM-INF"), moved);
}

} // namespace

std::vector<Fault> playlist_faults()
{
    return {
        {Rule::playlist_encoding, Base::mp4, add_line("a.m3u8", "# \xff"), {}},
        {Rule::playlist_encoding, Base::mp4, add_line("a.m3u8", "# \x1b[2J"), {}},
        {Rule::playlist_bom, Base::mp4, edit("a.m3u8", "#EXTM3U", "\xef\xbb\xbf#EXTM3U"), {}},
        {Rule::playlist_header, Base::mp4, edit("a.m3u8", "#EXTM3U\n", ""), {}},
        {Rule::playlist_line, Base::mp4, add_line("a.m3u8", "  "), {}},
        {Rule::tag_unknown, Base::mp4, add_line("a.m3u8", "#EXT-X-NONSENSE:1"), {}},
        {Rule::tag_twice, Base::mp4, add_line("a.m3u8", "#EXT-X-TARGETDURATION:6"), {}},
        {Rule::tag_value, Base::mp4, edit("a.m3u8", "SEQUENCE:0", "SEQUENCE:zero"), {}},
        {Rule::attribute_list,
         Base::mp4,
         edit("master.m3u8", "URI=\"i.m3u8\"", "URI=\"i.m3u8\",nonsense"),
         {}},
        {Rule::attribute_twice, Base::mp4, edit("master.m3u8", "FORCED=NO", "FORCED=NO,FORCED=NO"), {}},
        {Rule::attribute_type, Base::mp4, edit("master.m3u8", "TYPE=SUBTITLES", "TYPE=\"SUBTITLES\""), {}},
        {Rule::attribute_missing, Base::mp4, edit("master.m3u8", "NAME=\"Español\",", ""), {}},
        {Rule::attribute_value,
         Base::mp4,
         edit("master.m3u8", "AUTOSELECT=YES,FORCED", "AUTOSELECT=MAYBE,FORCED"),
         {}},
        {Rule::version_needed, Base::mp4, edit("v.m3u8", "VERSION:7", "VERSION:5"), {}},
        {Rule::version_needed, Base::ts, edit("w.m3u8", "#EXT-X-VERSION:7\n", ""), {}},
        {Rule::playlist_kind,
         Base::mp4,
         add_line("a.m3u8", "#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"b\""),
         {}},
        {Rule::segment_duration, Base::mp4, add_segment_without_duration, {}},
        {Rule::target_missing, Base::mp4, remove_line("s.m3u8", "#EXT-X-TARGETDURATION"), {}},
        {Rule::target_rounded, Base::mp4, edit("s.m3u8", "DURATION:6", "DURATION:5"), {}},
        {Rule::target_exceeded, Base::pictures, lengthen_first, {}},
        {Rule::target_six,
         Base::mp4,
         [](Site &site) {
             set_targets(site, {"v.m3u8", "w.m3u8", "a.m3u8"});
         },
         {}},
        {Rule::target_same, Base::mp4, [](Site &site) { set_targets(site, {"a.m3u8"}); }, {"target-six"}},
        {Rule::sequence_late,
         Base::mp4,
         [](Site &site) {
             site.remove_line("a.m3u8", "#EXT-X-MEDIA-SEQUENCE");
             site.edit("a.m3u8", "#EXT-X-ENDLIST", "#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-ENDLIST");
         },
         {}},
        {Rule::type_vod, Base::mp4, remove_line("a.m3u8", "#EXT-X-PLAYLIST-TYPE"), {}},
        {Rule::end_missing, Base::mp4, remove_line("s.m3u8", "#EXT-X-ENDLIST"), {}},
        {Rule::map_missing, Base::mp4, remove_line("a.m3u8", "#EXT-X-MAP"), {}},
        {Rule::byte_range, Base::mp4, edit("i.m3u8", "@0\nv-0", "\nv-0"), {}},
        {Rule::uri_malformed, Base::mp4, edit("s.m3u8", "s-1.vtt", "ftp://localhost/s-1.vtt"), {"not-all"}},
        {Rule::not_vod,
         Base::pictures,
         [](Site &site) {
             site.remove_line("v.m3u8", "#EXT-X-PLAYLIST-TYPE");
             site.remove_line("v.m3u8", "#EXT-X-ENDLIST");
         },
         {}},
    };
}

std::vector<Fault> multivariant_faults()
{
    const std::string iframe = ",CODECS=\"avc1.64001f\",RESOLUTION=1280x720,URI";
    return {
        {Rule::variant_uri,
         Base::mp4,
         edit("master.m3u8", "#EXT-X-I-FRAME", "#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-I-FRAME"),
         {}},
        {Rule::codecs_missing, Base::mp4, edit("master.m3u8", "CODECS=\"avc1.64001f,mp4a.40.2\",", ""), {}},
        {Rule::codecs_agree, Base::mp4, edit("master.m3u8", "mp4a.40.2", "mp4a.40.5"), {}},
        {Rule::codecs_agree, Base::mp4, edit("master.m3u8", "mp4a.40.2", "mp4a.40.2,ac-3"), {}},
        {Rule::codecs_agree, Base::ts, edit("master.m3u8", "avc1.64001f,", "avc1.4d001f,"), {}},
        {Rule::resolution_missing, Base::mp4, edit("master.m3u8", "RESOLUTION=1280x720,", ""), {}},
        {Rule::resolution_agree, Base::mp4, edit("master.m3u8", "1280x720", "1920x1080"), {}},
        {Rule::frame_rate_missing, Base::mp4, edit("master.m3u8", ",FRAME-RATE=24.000", ""), {}},
        {Rule::frame_rate_agree, Base::mp4, edit("master.m3u8", "24.000", "25.000"), {}},
        {Rule::average_missing, Base::mp4, second_says("AVERAGE-BANDWIDTH", ""), {}},
        {Rule::average_agree, Base::mp4, second_says("AVERAGE-BANDWIDTH", "1000"), {}},
        {Rule::bandwidth_agree, Base::mp4, second_says("BANDWIDTH", "1000000"), {}},
        {Rule::peak_double,
         Base::mp4,
         [](Site &site) {
             site.pages["w-1.m4s"].body = picture_segment({144000, 144, 48, 40000, 30});
             write_mp4_master(site);
             swap_variants(site); // now it is the one nearest to 2000 kbit/s
         },
         {}},
        {Rule::rates_several,
         Base::mp4,
         [](Site &site) {
             const auto [second, end] = second_variant(site);
             site.pages["master.m3u8"].body.erase(second, end - second);
         },
         {}},
        {Rule::rates_default, Base::mp4, swap_variants, {}},
        {Rule::aspect_same,
         Base::mp4,
         [](Site &site) {
             site.pages["w-init.mp4"].body = init_file({{1, "vide", 24000, avc_entry(480, 360)}});
             site.edit("master.m3u8", "640x360", "480x360");
         },
         {}},
        {Rule::language_missing, Base::mp4, edit("master.m3u8", "LANGUAGE=\"es\",", ""), {}},
        {Rule::name_unique,
         Base::mp4,
         add_media("TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"Español\",LANGUAGE=\"ca\",URI=\"s.m3u8\""),
         {}},
        {Rule::group_missing, Base::mp4, edit("master.m3u8", "SUBTITLES=\"s\"", "SUBTITLES=\"t\""), {}},
        {Rule::groups_alike,
         Base::mp4,
         add_media("TYPE=SUBTITLES,GROUP-ID=\"t\",NAME=\"English\",LANGUAGE=\"en\",URI=\"s.m3u8\""),
         {}},
        {Rule::default_single,
         Base::mp4,
         add_media("TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=YES,CHANNELS=\"2\","
                   "URI=\"a.m3u8\""),
         {}},
        {Rule::default_autoselect,
         Base::mp4,
         edit("master.m3u8", "DEFAULT=YES,AUTOSELECT=YES", "DEFAULT=YES,AUTOSELECT=NO"),
         {}},
        {Rule::autoselect_distinct,
         Base::mp4,
         add_media(
             "TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"Otro\",LANGUAGE=\"es\",AUTOSELECT=YES,URI=\"s.m3u8\""),
         {}},
        {Rule::forced_type, Base::mp4, edit("master.m3u8", "CHANNELS=", "FORCED=NO,CHANNELS="), {}},
        {Rule::forced_autoselect,
         Base::mp4,
         edit("master.m3u8", "AUTOSELECT=YES,FORCED=NO", "FORCED=YES"),
         {}},
        {Rule::media_uri, Base::mp4, edit("master.m3u8", ",URI=\"s.m3u8\"", ""), {}},
        {Rule::channels_missing, Base::mp4, edit("master.m3u8", ",CHANNELS=\"2\"", ""), {}},
        {Rule::captions_none,
         Base::mp4,
         edit("master.m3u8", ",AUDIO=\"a\"", ",AUDIO=\"a\",CLOSED-CAPTIONS=NONE"),
         {}},
        {Rule::independent_named, Base::mp4, remove_line("master.m3u8", "#EXT-X-INDEPENDENT"), {}},
        {Rule::independent_somewhere,
         Base::mp4,
         [](Site &site) {
             site.remove_line("master.m3u8", "#EXT-X-INDEPENDENT");
             site.remove_line("w.m3u8", "#EXT-X-INDEPENDENT");
         },
         {}},
        {Rule::iframes_missing, Base::mp4, remove_line("master.m3u8", "#EXT-X-I-FRAME"), {}},
        {Rule::iframes_codecs, Base::mp4, edit("master.m3u8", iframe, ",RESOLUTION=1280x720,URI"), {}},
        {Rule::iframes_resolution, Base::mp4, edit("master.m3u8", iframe, ",CODECS=\"avc1.64001f\",URI"), {}},
        {Rule::iframes_only, Base::mp4, remove_line("i.m3u8", "#EXT-X-I-FRAMES-ONLY"), {}},
        {Rule::iframes_moof, Base::mp4, edit("i.m3u8", "@0\nv-0", "@8\nv-0"), {}},
        {Rule::video_frame_rate, Base::mp4, edit("master.m3u8", "24.000", "120.000"), {"frame-rate-agree"}},
    };
}

} // namespace butaca::test
