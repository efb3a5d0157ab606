// SPDX-License-Identifier: LGPL-2.1-or-later
// A whole origin in this process (real folder, real server, real probe processes) and what it tells a client.
#include <sys/stat.h>

#include "src/base/encoding.h"
#include "src/base/files.h"
#include "tests/origin/sub_pictures.h"
#include "tests/origin/whole_origin.h"

namespace butaca::origin {

namespace {

json::Value parsed(const http::Reply &reply)
{
    auto value = json::Value::parse(reply.body, {1U << 20, 32});
    return value ? *value : json::Value();
}

TEST_F(OriginTest, OffersAFileAndItsBytesUnderItsDigest)
{
    copy("film.mp4");
    Origin origin(folder_.path(), data_.path());
    ASSERT_TRUE(origin.settle());
    auto bytes = read_file(film_, 1 << 20);
    ASSERT_TRUE(bytes);
    std::string digest = sha256_hex(*bytes);
    json::Value catalogue = parsed(origin.get("/catalogue", origin.ticket("*")));
    ASSERT_EQ(catalogue["items"].items().size(), 1U);
    EXPECT_EQ(catalogue["items"].items()[0]["digest"].string_or(""), digest);
    EXPECT_EQ(catalogue["items"].items()[0]["slug"].string_or(""), "film");

    std::string token = origin.ticket(digest);
    http::Reply whole = origin.get("/items/" + digest + "/bytes", token);
    EXPECT_EQ(whole.status, 200);
    EXPECT_EQ(whole.body, *bytes);
    EXPECT_EQ(whole.headers.get("ETag"), '"' + digest + '"');
    http::Headers range;
    range.set("Range", "bytes=10-19");
    http::Reply part = origin.get("/items/" + digest + "/bytes", token, range);
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, bytes->substr(10, 10));
    auto index = media::PacketIndex::parse(origin.get("/items/" + digest + "/index", token).body);
    ASSERT_TRUE(index);
    ASSERT_EQ(index->video.size(), 1U);
    EXPECT_EQ(index->video[0].pts_ns.size(), 30U);
}

TEST_F(OriginTest, ServesThePictureThatCameWithARecord)
{
    auto song = test::media_file("mp3-huge-id3-cover.mp3");
    if (song.empty())
        GTEST_SKIP() << "no media";
    fs::copy_file(song, folder_.path("song.mp3"));
    copy("film.mp4");
    Origin origin(folder_.path(), data_.path());
    ASSERT_TRUE(origin.settle());
    for (const auto *asset : origin.catalogue.all()) {
        http::Reply reply = origin.get("/items/" + asset->digest + "/cover", origin.ticket(asset->digest));
        EXPECT_EQ(reply.status, asset->slug == "song" ? 200 : 404) << asset->slug;
        EXPECT_EQ(asset->cover.empty(), asset->slug != "song");
        EXPECT_TRUE(reply.status != 200 || sha256_hex(reply.body) == asset->cover);
    }
}

TEST_F(OriginTest, TellsNothingWithoutTheRightTicket)
{
    copy("film.mp4");
    Origin origin(folder_.path(), data_.path());
    ASSERT_TRUE(origin.settle());
    std::string digest = origin.catalogue.all().at(0)->digest;
    EXPECT_EQ(origin.get("/healthz", "").status, 200);
    EXPECT_EQ(origin.get("/catalogue", "").status, 401);
    EXPECT_EQ(origin.get("/catalogue", "nonsense").status, 401);
    EXPECT_EQ(origin.get("/catalogue", origin.ticket(digest)).status, 403);
    EXPECT_EQ(origin.get("/items/" + digest, origin.ticket(std::string(64, '0'))).status, 403);
    EXPECT_EQ(origin.get("/items/" + digest, origin.ticket(digest)).status, 200);
    EXPECT_EQ(origin.get("/items/" + digest, origin.key.sign(ticket_purpose, "*", unix_now_s() - 1)).status,
              401);
    EXPECT_EQ(origin.get("/items/" + digest, origin.key.sign("other", "*", unix_now_s() + 60)).status, 401);
    EXPECT_EQ(origin.get("/items/" + std::string(64, '0') + "/bytes", origin.ticket("*")).status, 404);
    EXPECT_EQ(origin.get("/items/..%2f..%2fetc/bytes", origin.ticket("*")).status / 100, 4);
    EXPECT_EQ(origin.get("/changes?since=-1", origin.ticket("*")).status, 400);
}

TEST_F(OriginTest, NoticesNewRenamedAndRemovedFilesWhileItRuns)
{
    Origin origin(folder_.path(), data_.path());
    ASSERT_TRUE(origin.settle());
    EXPECT_TRUE(origin.catalogue.all().empty());
    fs::create_directories(folder_.path("new"));
    copy("new/film.mp4");
    ASSERT_TRUE(test::run_until([&] { return origin.catalogue.all().size() == 1; }));
    std::uint64_t revision = origin.catalogue.revision();
    fs::rename(folder_.path("new/film.mp4"), folder_.path("other.mp4"));
    std::string digest = origin.catalogue.all()[0]->digest;
    ASSERT_TRUE(test::run_until([&] {
        return origin.scanner.library().paths_of(digest) == std::set<std::string>{folder_.path("other.mp4")};
    }));
    EXPECT_EQ(origin.catalogue.revision(), revision);
    copy("twin.mp4");
    ASSERT_TRUE(test::run_until([&] { return origin.scanner.library().paths_of(digest).size() == 2; }));
    fs::remove(folder_.path("other.mp4"));
    ASSERT_TRUE(test::run_until([&] { return origin.scanner.library().paths_of(digest).size() == 1; }));
    EXPECT_EQ(origin.catalogue.all().size(), 1U);
    fs::remove(folder_.path("twin.mp4"));
    ASSERT_TRUE(test::run_until([&] { return origin.catalogue.all().empty(); }));
}

TEST_F(OriginTest, SubtitleFilesBesideAFilmComeChangeAndGoWithIt)
{
    copy("film.mp4");
    test::write_file(folder_.path("film.es.srt"), "1\n00:00:01,000 --> 00:00:02,000\nHola\n");
    test::write_file(folder_.path("other.es.srt"), "1\n00:00:01,000 --> 00:00:02,000\nNo\n");
    test::write_file(folder_.path("film.en.vtt"), "no signature\n");
    Origin origin(folder_.path(), data_.path());
    ASSERT_TRUE(origin.settle());
    std::string digest = origin.catalogue.all().at(0)->digest;
    auto tracks = [&] { return origin.catalogue.find(digest)->subtitles; };
    auto with_digest = [&](std::size_t place) {
        return tracks().size() > place ? tracks()[place].digest : "";
    };
    ASSERT_EQ(tracks().size(), 2U);
    EXPECT_FALSE(tracks()[0].decodable);
    EXPECT_FALSE(tracks()[0].reason.empty());
    EXPECT_EQ(tracks()[1].language, "es");
    EXPECT_EQ(tracks()[1].format, "srt");
    EXPECT_EQ(tracks()[1].cues, 1U);

    std::string token = origin.ticket(digest);
    http::Reply reply = origin.get("/items/" + digest + "/subtitles/1", token);
    EXPECT_EQ(reply.status, 200);
    auto cues = media::Subtitles::parse(reply.body);
    ASSERT_TRUE(cues);
    EXPECT_EQ(cues->cues.at(0).text, "Hola");
    EXPECT_EQ(reply.headers.get("ETag"), '"' + with_digest(1) + '"');
    EXPECT_EQ(origin.get("/items/" + digest + "/subtitles/0", token).status, 404);
    EXPECT_EQ(origin.get("/items/" + digest + "/subtitles/2", token).status, 404);
    EXPECT_EQ(origin.get("/items/" + digest + "/subtitles/x", token).status, 404);
    EXPECT_EQ(origin.get("/items/" + digest + "/subtitles/1", "").status, 401);

    std::string before = with_digest(1);
    std::uint64_t revision = origin.catalogue.revision();
    test::write_file(folder_.path("film.es.srt"), "1\n00:00:01,000 --> 00:00:02,500\nAdiós\n");
    ASSERT_TRUE(test::run_until([&] { return with_digest(1) != before && !with_digest(1).empty(); }));
    EXPECT_GT(origin.catalogue.revision(), revision);
    fs::remove(folder_.path("film.en.vtt"));
    fs::rename(folder_.path("film.es.srt"), folder_.path("film.es.forced.srt"));
    ASSERT_TRUE(test::run_until([&] { return tracks().size() == 1 && tracks()[0].forced; }));
    fs::remove(folder_.path("film.es.forced.srt"));
    ASSERT_TRUE(test::run_until([&] { return tracks().empty(); }));
}

TEST_F(OriginTest, AnIndexIsReadWithThePicturesBesideItAndAgainWhenTheyCome)
{
    auto pair = test::vobsub_pair();
    copy("film.mp4");
    test::write_file(folder_.path("film.idx"), pair.index);
    Origin origin(folder_.path(), data_.path());
    ASSERT_TRUE(origin.settle());
    auto tracks = [&] { return origin.catalogue.all().at(0)->subtitles; };
    EXPECT_NE(tracks().at(0).reason.find(".sub"), std::string::npos);
    test::write_file(folder_.path("film.sub"), pair.pictures);
    ASSERT_TRUE(test::run_until([&] { return tracks().size() == 2; }));
    fs::remove(folder_.path("film.sub"));
    ASSERT_TRUE(test::run_until([&] { return tracks().size() == 1 && !tracks()[0].decodable; }));
}

TEST_F(OriginTest, ALongPollEndsWithTheChange)
{
    Origin origin(folder_.path(), data_.path());
    ASSERT_TRUE(origin.settle());
    std::string since = std::to_string(origin.catalogue.revision());
    http::Call call;
    call.url =
        "http://127.0.0.1:" + std::to_string(origin.server->port()) + "/changes?wait_ms=30000&since=" + since;
    call.headers.set("Authorization", "Bearer " + origin.ticket("*"));
    call.timeout = std::chrono::milliseconds(50'000);
    std::optional<Result<http::Reply>> reply;
    auto pending = origin.client.send(call, [&](Result<http::Reply> result) { reply = std::move(result); });
    origin.get("/healthz", "");
    EXPECT_FALSE(reply);
    copy("film.mp4");
    ASSERT_TRUE(test::run_until([&] { return reply.has_value(); }));
    ASSERT_TRUE(*reply);
    json::Value changes = parsed(**reply);
    EXPECT_EQ(changes["items"].items().size(), 1U);
    EXPECT_EQ(changes["reset"].boolean(), false);
}

TEST_F(OriginTest, NeverSendsBytesThatAreNotThoseOfTheDigest)
{
    copy("film.mp4");
    Origin origin(folder_.path(), data_.path());
    ASSERT_TRUE(origin.settle());
    std::string digest = origin.catalogue.all().at(0)->digest;
    test::write_file(folder_.path("film.mp4"), "something else");
    EXPECT_EQ(origin.get("/items/" + digest + "/bytes", origin.ticket(digest)).status, 409);
    ASSERT_TRUE(test::run_until([&] { return !origin.catalogue.find(digest); }));
    ASSERT_TRUE(origin.settle());
    ASSERT_EQ(origin.catalogue.all().size(), 1U);
    EXPECT_TRUE(origin.catalogue.all()[0]->broken);
    EXPECT_EQ(origin.get("/items/" + digest + "/bytes", origin.ticket(digest)).status, 404);
}

TEST_F(OriginTest, ARestartReadsNothingAnewAndKeepsTheRevision)
{
    copy("film.mp4");
    std::uint64_t revision = 0;
    {
        Origin origin(folder_.path(), data_.path());
        ASSERT_TRUE(origin.settle());
        revision = origin.catalogue.revision();
    }
    Origin origin(folder_.path(), data_.path());
    EXPECT_EQ(origin.catalogue.all().size(), 1U);
    ASSERT_TRUE(origin.settle());
    EXPECT_EQ(origin.catalogue.revision(), revision);
    EXPECT_FALSE(origin.catalogue.changes(revision).reset);
    fs::remove(folder_.path("film.mp4"));
    ASSERT_TRUE(test::run_until([&] { return origin.catalogue.all().empty(); }));
    EXPECT_GT(origin.catalogue.revision(), revision);
}

TEST_F(OriginTest, ListsWhatCannotBePlayedWithTheReasonAndGoesOn)
{
    ASSERT_EQ(mkfifo(folder_.path("a-pipe.mp4").c_str(), 0600), 0);
    fs::create_directories(folder_.path("b-folder.mp4"));
    test::write_file(folder_.path("c-empty.mp4"), "");
    test::write_file(folder_.path("d-text.mp4"), "This is no film at all.");
    for (const auto &file : fs::directory_iterator(fs::path(film_).parent_path())) {
        std::string name = file.path().filename();
        // The empty one is the same asset as ours.
        if (name.starts_with("bad-") && fs::file_size(file.path()) > 0)
            fs::copy_file(file.path(), folder_.path(name));
    }
    copy("z-film.mp4");
    Origin origin(folder_.path(), data_.path());
    ASSERT_TRUE(origin.settle());
    std::map<std::string, const media::Asset *> by_slug;
    for (const media::Asset *asset : origin.catalogue.all()) {
        by_slug[asset->slug] = asset;
        EXPECT_EQ(asset->broken, !asset->reason.empty()) << asset->slug;
    }
    for (const char *slug :
         {"a-pipe", "b-folder", "c-empty", "d-text", "bad-box-overflow", "bad-negative-duration"}) {
        ASSERT_TRUE(by_slug.contains(slug)) << slug;
        EXPECT_TRUE(by_slug[slug]->broken) << slug;
    }
    EXPECT_EQ(by_slug["c-empty"]->reason, "the file is empty");
    ASSERT_TRUE(by_slug.contains("z-film"));
    EXPECT_FALSE(by_slug["z-film"]->broken);
}

} // namespace

} // namespace butaca::origin
