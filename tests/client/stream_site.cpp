// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/client/stream_site.h"

#include <array>

#include <gtest/gtest.h>

#include "tests/client/ts_writer.h"

namespace butaca::test {

namespace {

constexpr unsigned segments = 3;
constexpr const char *playlist_type = "application/vnd.apple.mpegurl";
constexpr std::array<unsigned, segments + 1> sound_borders{0, 281, 562,
                                                           844}; // frames of 1024 samples, 48 kHz
constexpr std::uint32_t last_sound_frame = 768;                  // samples: 18 s in all

std::string list(const std::vector<std::string> &names, const std::vector<std::string> &extinf,
                 const std::string &head)
{
    std::string out = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n"
                      "#EXT-X-PLAYLIST-TYPE:VOD\n" +
                      head;
    for (std::size_t k = 0; k < names.size(); k++)
        out += "#EXTINF:" + extinf[k] + ",\n" + names[k] + "\n";
    return out + "#EXT-X-ENDLIST\n";
}

// The bytes of all pages whose names begin so, the largest and the sum.
struct Weight {
    double peak_bps = 0;
    double average_bps = 0;
};
Weight weight_of(const Site &site, const std::string &begin, const std::vector<double> &durations_s)
{
    Weight weight;
    double bits = 0;
    double time_s = 0;
    for (std::size_t k = 0; k < durations_s.size(); k++)
        for (const auto &[name, page] : site.pages)
            if (name.starts_with(begin + std::to_string(k) + ".")) {
                const double own = 8 * static_cast<double>(page.body.size());
                weight.peak_bps = std::max(weight.peak_bps, own / durations_s[k]);
                bits += own;
                time_s += durations_s[k];
            }
    weight.average_bps = bits / time_s;
    return weight;
}

std::string rates(const std::vector<Weight> &parts)
{
    Weight sum;
    for (const Weight &part : parts) {
        sum.peak_bps += part.peak_bps;
        sum.average_bps += part.average_bps;
    }
    return "BANDWIDTH=" + std::to_string(static_cast<int>(sum.peak_bps)) +
           ",AVERAGE-BANDWIDTH=" + std::to_string(static_cast<int>(sum.average_bps));
}

void add_mp4_pictures(Site &site, const std::string &name, unsigned width, unsigned height,
                      std::size_t other_bytes)
{
    site.pages[name + "-init.mp4"] = {
        init_file({{1, "vide", 24000, avc_entry(width, height)}}), "video/mp4", {}};
    for (unsigned k = 0; k < segments; k++)
        site.pages[name + "-" + std::to_string(k) + ".m4s"] = {
            picture_segment({144000ULL * k, 144, 48, 400, other_bytes, true, 5, 1}), "video/iso.segment", {}};
    site.pages[name + ".m3u8"] = {
        list({name + "-0.m4s", name + "-1.m4s", name + "-2.m4s"}, {"6.000000", "6.000000", "6.000000"},
             "#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI=\"" + name + "-init.mp4\"\n"),
        playlist_type,
        {}};
}

void add_mp4_sound(Site &site)
{
    site.pages["a-init.mp4"] = {init_file({{1, "soun", 48000, aac_entry(48000)}}), "audio/mp4", {}};
    for (unsigned k = 0; k < segments; k++) {
        site.pages["a-" + std::to_string(k) + ".m4s"] = {sound_segment(k, 20), "video/iso.segment", {}};
    }
    site.pages["a.m3u8"] = {list({"a-0.m4s", "a-1.m4s", "a-2.m4s"}, {"5.994667", "5.994667", "6.010666"},
                                 "#EXT-X-MAP:URI=\"a-init.mp4\"\n"),
                            playlist_type,
                            {}};
}

void add_subtitles(Site &site)
{
    for (unsigned k = 0; k < segments; k++)
        site.pages["s-" + std::to_string(k) + ".vtt"] = {
            "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n00:00:" +
                std::string(k * 6 + 1 < 10 ? "0" : "") + std::to_string(k * 6 + 1) + ".000 --> 00:00:" +
                (k * 6 + 3 < 10 ? "0" : "") + std::to_string(k * 6 + 3) + ".500 line:0\nHola\n",
            "text/vtt",
            {}};
    site.pages["s.m3u8"] = {
        list({"s-0.vtt", "s-1.vtt", "s-2.vtt"}, {"6.000000", "6.000000", "6.000000"}, ""), playlist_type, {}};
}

// A fragment begins with its moof and the key frame; 47 pictures of 60 bytes follow.
std::size_t iframe_bytes() { return picture_segment({0, 48, 48, 400, 60, true, 5, 1}).size() - 47UL * 60; }

// The first picture of each GOP, with its moof.
void add_iframes(Site &site, const std::string &name, const std::string &suffix,
                 const std::vector<client::check::Range> &ranges, const std::string &map)
{
    std::string out = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-"
                      "I-FRAMES-ONLY\n" +
                      map;
    for (unsigned k = 0; k < segments; k++)
        for (const auto &range : ranges)
            out += "#EXTINF:2.000000,\n#EXT-X-BYTERANGE:" + std::to_string(range.size_bytes) + "@" +
                   std::to_string(range.offset) + "\n" + name + "-" + std::to_string(k) + suffix + "\n";
    site.pages["i.m3u8"] = {out + "#EXT-X-ENDLIST\n", playlist_type, {}};
}

std::string stream_line(const std::string &rates, const std::string &codecs, const std::string &size,
                        const std::string &groups, const std::string &uri)
{
    return "#EXT-X-STREAM-INF:" + rates + ",CODECS=\"" + codecs + "\",RESOLUTION=" + size +
           ",FRAME-RATE=24.000" + groups + "\n" + uri + "\n";
}

http::Response answer(const Site &site, const Page &page, const http::Request &request)
{
    if (page.instead)
        return page.instead(request);
    std::string body = page.body;
    int status = 200;
    http::Headers more;
    unsigned long long first = 0;
    unsigned long long last = 0;
    const std::string range(request.headers.get("Range").value_or(""));
    if (site.ranges && std::sscanf(range.c_str(), "bytes=%llu-%llu", &first, &last) == 2 &&
        last < body.size()) {
        status = 206;
        more.set("Content-Range", "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
                                      std::to_string(body.size()));
        body = body.substr(first, last - first + 1);
    }
    http::Response response = http::Response::text(status, page.type, body);
    for (const auto &[name, value] : more.all())
        response.headers.set(name, value);
    // Our server packs playlists by itself, but never what has an ETag.
    if (!site.gzip)
        response.headers.set("ETag", "\"plain\"");
    return response;
}

} // namespace

void Site::edit(const std::string &page, const std::string &old, const std::string &by)
{
    std::string &body = pages.at(page).body;
    const std::size_t at = body.find(old);
    ASSERT_NE(at, std::string::npos) << page << " has no " << old;
    body.replace(at, old.size(), by);
}

void Site::remove_line(const std::string &page, const std::string &begin)
{
    std::string &body = pages.at(page).body;
    const std::size_t at = body.find("\n" + begin);
    ASSERT_NE(at, std::string::npos) << page << " has no line " << begin;
    body.erase(at, body.find('\n', at + 1) - at);
}

void Site::edit_all(const std::string &page, const std::string &old, const std::string &by)
{
    std::string &body = pages.at(page).body;
    ASSERT_NE(body.find(old), std::string::npos) << page << " has no " << old;
    for (std::size_t at = body.find(old); at != std::string::npos; at = body.find(old, at + by.size()))
        body.replace(at, old.size(), by);
}

std::string sound_segment(unsigned k, std::size_t frame_bytes)
{
    FragmentWish wish{1, std::uint64_t{sound_borders[k]} * 1024, {}, true, true, 0};
    for (unsigned f = sound_borders[k]; f < sound_borders[k + 1]; f++)
        wish.samples.push_back({f + 1 == sound_borders[segments] ? last_sound_frame : 1024U,
                                std::string(frame_bytes, 'a'), true, 0});
    return fragment(wish);
}

std::string picture_segment(const PictureSegment &wish)
{
    std::string out;
    for (unsigned first = 0; first < wish.frames; first += wish.gop) {
        FragmentWish gop{1, wish.tfdt + 1000ULL * first, {}, true, true, 0};
        for (unsigned f = first; f < std::min(first + wish.gop, wish.frames); f++) {
            const bool key = f == first;
            const bool idr = key && (f > 0 || wish.starts_with_idr);
            gop.samples.push_back(
                {1000,
                 avc_sample(idr ? wish.idr_slice : wish.other_slice, key ? wish.key_bytes : wish.other_bytes),
                 key, 0});
        }
        out += fragment(gop);
    }
    return out;
}

void write_mp4_master(Site &site)
{
    const std::vector<double> whole{6, 6, 6};
    const Weight sound = weight_of(site, "a-", {5.994667, 5.994667, 6.010666});
    const Weight text = weight_of(site, "s-", whole);
    const std::string groups = ",AUDIO=\"a\",SUBTITLES=\"s\"";
    const auto iframe_bps = std::to_string(iframe_bytes() * 4); // one in two seconds
    site.pages["master.m3u8"] = {"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
                                 "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"Español\",LANGUAGE=\"es\","
                                 "DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"2\","
                                 "URI=\"a.m3u8\"\n"
                                 "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"Español\",LANGUAGE="
                                 "\"es\",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,"
                                 "URI=\"s.m3u8\"\n" +
                                     stream_line(rates({weight_of(site, "v-", whole), sound, text}),
                                                 "avc1.64001f,mp4a.40.2", "1280x720", groups, "v.m3u8") +
                                     stream_line(rates({weight_of(site, "w-", whole), sound, text}),
                                                 "avc1.64001f,mp4a.40.2", "640x360", groups, "w.m3u8") +
                                     "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=" + iframe_bps +
                                     ",AVERAGE-BANDWIDTH=" + iframe_bps +
                                     ",CODECS=\"avc1.64001f\",RESOLUTION=1280x720,URI=\"i.m3u8\"\n",
                                 playlist_type,
                                 {}};
}

Site mp4_site()
{
    Site site;
    add_mp4_pictures(site, "v", 1280, 720, 60);
    add_mp4_pictures(site, "w", 640, 360, 30);
    add_mp4_sound(site);
    add_subtitles(site);
    const std::size_t gop_bytes = site.pages["v-0.m4s"].body.size() / 3;
    const std::size_t key_bytes = iframe_bytes();
    add_iframes(site, "v", ".m4s", {{0, key_bytes}, {gop_bytes, key_bytes}, {2 * gop_bytes, key_bytes}},
                "#EXT-X-MAP:URI=\"v-init.mp4\"\n");
    write_mp4_master(site);
    return site;
}

Site ts_site()
{
    Site site;
    constexpr std::uint64_t origin = 126000;
    for (const auto &[name, bytes] : {std::pair{"v", 300}, std::pair{"w", 150}}) {
        TsWriter writer;
        for (unsigned k = 0; k < segments; k++) {
            std::string out = writer.tables();
            for (unsigned f = 0; f < 144; f++)
                out += writer.picture(origin + 3750ULL * (144 * k + f),
                                      byte_stream_picture(f % 48 == 0, static_cast<std::size_t>(bytes)),
                                      f % 48 == 0);
            site.pages[std::string(name) + "-" + std::to_string(k) + ".ts"] = {out, "video/mp2t", {}};
        }
        const std::string begin = std::string(name) + "-";
        site.pages[std::string(name) + ".m3u8"] = {
            list({begin + "0.ts", begin + "1.ts", begin + "2.ts"}, {"6.000000", "6.000000", "6.000000"}, ""),
            playlist_type,
            {}};
    }
    for (unsigned k = 0; k < segments; k++)
        site.pages["a-" + std::to_string(k) + ".aac"] = {
            packed_aac(origin + sound_borders[k] * 1920ULL, sound_borders[k + 1] - sound_borders[k], 30),
            "audio/aac",
            {}};
    site.pages["a.m3u8"] = {
        list({"a-0.aac", "a-1.aac", "a-2.aac"}, {"5.994667", "5.994667", "6.016000"}, ""), playlist_type, {}};
    add_iframes(site, "v", ".ts", {{0, 188UL * 8}}, "");
    for (const char *second : {"\n#EXT-X-BYTERANGE"}) // one I-frame of each segment, that lasts it
        while (site.pages["i.m3u8"].body.find(std::string("2.000000,") + second) != std::string::npos)
            site.edit("i.m3u8", std::string("2.000000,") + second, std::string("6.000000,") + second);
    site.edit("i.m3u8", "TARGETDURATION:2", "TARGETDURATION:6");
    const std::vector<double> whole{6, 6, 6};
    const Weight sound = weight_of(site, "a-", {5.994667, 5.994667, 6.016000});
    const std::string iframe_bps = std::to_string(188 * 8 * 8 / 6);
    site.pages["master.m3u8"] = {
        "#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-INDEPENDENT-SEGMENTS\n" +
            stream_line(rates({weight_of(site, "v-", whole), sound}), "avc1.64001f,mp4a.40.2", "1280x720",
                        ",AUDIO=\"a\"", "v.m3u8") +
            stream_line(rates({weight_of(site, "w-", whole), sound}), "avc1.64001f,mp4a.40.2", "640x360",
                        ",AUDIO=\"a\"", "w.m3u8") +
            "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=" + iframe_bps + ",AVERAGE-BANDWIDTH=" + iframe_bps +
            ",CODECS=\"avc1.64001f\",RESOLUTION=1280x720,URI=\"i.m3u8\"\n"
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=YES,AUTOSELECT="
            "YES,CHANNELS=\"2\","
            "URI=\"a.m3u8\"\n",
        playlist_type,
        {}};
    return site;
}

std::set<std::string> Outcome::rules() const
{
    std::set<std::string> ids;
    for (const auto &finding : findings)
        ids.insert(entry_of(finding.rule).id);
    return ids;
}

Outcome check(const Site &site)
{
    const http::Handler handler = [&site](const http::Request &request) -> Result<http::Response> {
        const auto page = site.pages.find(request.params.find("file")->second);
        if (page == site.pages.end())
            return http::Response::empty(404);
        return answer(site, page->second, request);
    };
    auto server = http::Server::start({}, {{"GET", "/t/{file}", handler}});
    EXPECT_TRUE(server.has_value());
    auto settings = site.settings;
    settings.url = "http://" + site.host + ":" + std::to_string((*server)->port()) + "/t/" + site.first;
    client::check::Checker checker(settings);
    Outcome outcome;
    bool done = false;
    checker.start({}, [&](Status status) {
        outcome.ended = std::move(status);
        done = true;
    });
    while (!done)
        g_main_context_iteration(nullptr, TRUE);
    outcome.findings = checker.findings().sorted();
    outcome.presentation = checker.presentation();
    return outcome;
}

} // namespace butaca::test
