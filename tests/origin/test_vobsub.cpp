// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdlib>

#include <gtest/gtest.h>

#include "src/origin/subtitles/read.h"
#include "src/origin/subtitles/spu.h"
#include "src/origin/subtitles/vobsub.h"
#include "tests/origin/sub_pictures.h"
#include "tests/origin/support.h"

namespace butaca::origin {
namespace {

constexpr std::int64_t ms = 1'000'000;

std::string pixel(const media::CuePicture &picture, std::size_t x, std::size_t y)
{
    return media::unpack_pixels(picture).substr((y * picture.width + x) * 4, 4);
}

std::string rgba(const char *four) { return {four, 4}; }

SpuHead head_of(const std::string &index) { return vobsub_head(index); }

media::Subtitles one(const SpuHead &head, const test::Drawing &drawing, std::int64_t end_ns = 0)
{
    SpuReader reader(head);
    reader.take(0, end_ns, test::sub_picture(drawing));
    return reader.finish();
}

bool keeps_its_promises(const media::Subtitles &subtitles)
{
    return media::Subtitles::parse(subtitles.serialize()).has_value();
}

TEST(SubPicture, HasItsFieldsInTurnAndItsColoursFromThePalette)
{
    auto pair = test::vobsub_pair();
    test::Drawing drawing{10, 20, {"0123", "3210", "1111", "0000"}, "4321", "f8f0", 88};
    auto subtitles = one(head_of(pair.index), drawing);
    ASSERT_EQ(subtitles.cues.size(), 1U);
    EXPECT_EQ(subtitles.form, media::CueForm::pictures);
    EXPECT_EQ(subtitles.canvas_width, 720U);
    EXPECT_EQ(subtitles.canvas_height, 576U);
    EXPECT_NEAR(static_cast<double>(subtitles.cues[0].end_ns), 88.0 * 1024 / 90000 * 1e9, 2);
    ASSERT_EQ(subtitles.cues[0].pictures.size(), 1U);
    const auto &picture = subtitles.cues[0].pictures[0];
    EXPECT_EQ(picture.x, 10U);
    EXPECT_EQ(picture.y, 20U);
    EXPECT_EQ(picture.width, 4U);
    EXPECT_EQ(picture.height, 4U);
    EXPECT_EQ(pixel(picture, 0, 0), rgba("\0\0\0\0"));
    EXPECT_EQ(pixel(picture, 1, 0), rgba("\x00\xff\x00\xff"));
    EXPECT_EQ(pixel(picture, 2, 0), rgba("\x00\x00\xff\x88"));
    EXPECT_EQ(pixel(picture, 3, 0), rgba("\xff\xff\xff\xff"));
    EXPECT_EQ(pixel(picture, 0, 1), rgba("\xff\xff\xff\xff"));
    EXPECT_EQ(pixel(picture, 0, 2), rgba("\x00\xff\x00\xff"));
    EXPECT_TRUE(keeps_its_promises(subtitles));
}

TEST(SubPicture, ReadsRunsOfEveryLength)
{
    std::string row;
    for (unsigned run : {1U, 3U, 4U, 15U, 16U, 63U, 64U, 255U, 200U})
        row += std::string(run, static_cast<char>('0' + (row.empty() ? 0 : (row.back() - '0' + 1) % 4)));
    auto subtitles = one({}, {0, 0, {row, row, row}, "3210", "ffff", 1});
    ASSERT_EQ(subtitles.cues.size(), 1U);
    const auto &picture = subtitles.cues[0].pictures.at(0);
    ASSERT_EQ(picture.width, row.size());
    std::string pixels = media::unpack_pixels(picture);
    for (std::size_t i = 0; i < 3 * row.size(); i++)
        ASSERT_EQ(static_cast<std::uint8_t>(pixels[4 * i]), (row[i % row.size()] - '0') * 85) << i;
}

TEST(SubPicture, WithoutAPaletteIsGreyAndWithoutASizeStandsOnTheSmallestUsualCanvas)
{
    auto subtitles = one({}, {0, 470, {"123", "123", "123"}, "9420", "fff0", 88});
    ASSERT_EQ(subtitles.cues.size(), 1U);
    EXPECT_EQ(subtitles.canvas_width, 720U);
    EXPECT_EQ(subtitles.canvas_height, 480U);
    EXPECT_EQ(pixel(subtitles.cues[0].pictures[0], 0, 0), rgba("\0\0\0\xff"));
    EXPECT_EQ(pixel(subtitles.cues[0].pictures[0], 1, 1), rgba("\x7f\x7f\x7f\xff"));
    EXPECT_EQ(pixel(subtitles.cues[0].pictures[0], 2, 2), rgba("\xff\xff\xff\xff"));
    subtitles = one({}, {0, 575, {"1"}, "3210", "fff0", 88});
    EXPECT_EQ(subtitles.canvas_height, 576U);
    subtitles = one({}, {0, 2000, {"11", "11"}, "3210", "fff0", 88});
    EXPECT_EQ(subtitles.canvas_height, 2002U);
    EXPECT_TRUE(keeps_its_promises(subtitles));
}

TEST(SubPicture, FromADiscStandsOnTheCanvasOfItsFilm)
{
    SpuHead head;
    head.video_width = 720;
    head.video_height = 576;
    test::Drawing drawing{0, 400, {"1"}, "3210", "fff0", 88};
    EXPECT_EQ(one(head, drawing).canvas_height, 576U);
    head.video_width = 640; // whatever was made of the disc's pictures
    EXPECT_EQ(one(head, drawing).canvas_height, 480U);
}

TEST(SubPicture, IsCutWhereTheCanvasEnds)
{
    SpuHead head;
    head.canvas_width = 12;
    head.canvas_height = 11;
    auto subtitles = one(head, {10, 10, {"1233", "3211"}, "3210", "fff0", 88});
    ASSERT_EQ(subtitles.cues.size(), 1U);
    EXPECT_EQ(subtitles.cues[0].pictures[0].width, 2U);
    EXPECT_EQ(subtitles.cues[0].pictures[0].height, 1U);
    EXPECT_TRUE(keeps_its_promises(subtitles));
    EXPECT_EQ(one(head, {12, 0, {"1"}, "3210", "fff0", 88}).skipped, 1U);
}

TEST(SubPicture, EndsByItselfThenByTheContainerThenByTheNextOne)
{
    test::Drawing endless{0, 0, {"11"}, "3210", "fff0", 0};
    EXPECT_EQ(one({}, endless, 1234 * ms).cues.at(0).end_ns, 1234 * ms);
    EXPECT_EQ(one({}, endless).cues.at(0).end_ns, 10'000 * ms);
    // What ffmpeg writes when it does not know.
    EXPECT_EQ(one({}, endless, 4'294'967'295 * ms).cues.at(0).end_ns, 10'000 * ms);
    SpuReader reader({});
    reader.take(0, 0, test::sub_picture(endless));
    reader.take(2000 * ms, 0, test::sub_picture(endless));
    EXPECT_EQ(reader.finish().cues.at(0).end_ns, 2000 * ms);
    test::Drawing unseen{0, 0, {"11"}, "3210", "0000", 88};
    EXPECT_TRUE(one({}, unseen).cues.empty());
}

TEST(SubPicture, OfADiscHasItsPaletteInItsOwnColours)
{
    std::array<std::uint32_t, 16> ycrcb{0x108080, 0xeb8080, 0x51f05a};
    auto palette = spu_palette_of(ycrcb);
    EXPECT_EQ(palette[0], (std::array<std::uint8_t, 3>{0, 0, 0}));
    EXPECT_EQ(palette[1], (std::array<std::uint8_t, 3>{255, 255, 255}));
    EXPECT_GT(palette[2][0], 250);
    EXPECT_LT(palette[2][1], 5);
}

TEST(SubPicture, DamagedOnesAreLeftOutAndNothingIsReadBeyondThem)
{
    std::string whole = test::sub_picture({3, 5, {"0123", "3210", "1111"}, "4321", "f8f0", 88});
    for (std::size_t at = 0; at < whole.size(); at++)
        for (unsigned value = 0; value < 256; value += 5) {
            std::string changed = whole;
            changed[at] = static_cast<char>(value);
            SpuReader reader({});
            reader.take(0, 0, changed);
            reader.take(1000 * ms, 0, std::string_view(changed).substr(0, at));
            EXPECT_TRUE(keeps_its_promises(reader.finish())) << at << " " << value;
        }
}

TEST(VobSub, HasATrackForEachLanguageOfItsIndex)
{
    auto pair = test::vobsub_pair();
    auto tracks = read_subtitle_tracks(pair.index, pair.pictures);
    ASSERT_TRUE(tracks);
    ASSERT_EQ(tracks->size(), 2U);
    const auto &english = (*tracks)[0];
    EXPECT_EQ(english.format, "vobsub");
    EXPECT_EQ(english.language, "en");
    EXPECT_FALSE(english.is_default);
    ASSERT_EQ(english.subtitles.cues.size(), 2U);
    EXPECT_EQ(english.subtitles.cues[0].start_ns, 1000 * ms);
    EXPECT_EQ(english.subtitles.cues[0].pictures.at(0).width, 300U);
    EXPECT_EQ(pixel(english.subtitles.cues[0].pictures[0], 0, 0), rgba("\xff\x00\x00\xff"));
    EXPECT_EQ(pixel(english.subtitles.cues[0].pictures[0], 1, 1), rgba("\x00\xff\x00\xff"));
    EXPECT_EQ(english.subtitles.cues[1].pictures.at(0).width, 20U); // 700 of 720
    const auto &spanish = (*tracks)[1];
    EXPECT_EQ(spanish.language, "es");
    EXPECT_EQ(spanish.name, "Comentarios");
    EXPECT_TRUE(spanish.is_default);
    EXPECT_EQ(spanish.subtitles.cues.at(0).start_ns, 2000 * ms);
    EXPECT_TRUE(keeps_its_promises(english.subtitles));
}

TEST(VobSub, IsShiftedByItsDelays)
{
    auto pair = test::vobsub_pair();
    pair.index.insert(pair.index.find("timestamp"), "delay: -00:00:00:250\n");
    auto tracks = read_subtitle_tracks(pair.index, pair.pictures);
    ASSERT_TRUE(tracks);
    EXPECT_EQ((*tracks)[0].subtitles.cues[1].start_ns, 2750 * ms);
    EXPECT_EQ((*tracks)[1].subtitles.cues[0].start_ns, 2000 * ms);
}

TEST(VobSub, SaysWhatIsMissing)
{
    auto pair = test::vobsub_pair();
    auto alone = read_subtitle_tracks(pair.index, "");
    ASSERT_FALSE(alone);
    EXPECT_NE(alone.error().message.find(".sub"), std::string::npos);
    EXPECT_FALSE(read_subtitle_tracks(pair.index, std::string(5000, 'x')));
    EXPECT_FALSE(read_subtitle_tracks("# VobSub index file\n", pair.pictures));
    EXPECT_EQ(pictures_beside("/films/a.es.idx"), "/films/a.es.sub");
    EXPECT_EQ(pictures_beside("/films/A.IDX"), "/films/A.SUB");
    EXPECT_EQ(pictures_beside("/films/a.srt"), "");
    EXPECT_EQ(index_beside("/films/a.sub"), "/films/a.idx");
}

TEST(VobSub, DamagedPairsGiveWhatIsWhole)
{
    auto pair = test::vobsub_pair();
    auto promises_of = [](const std::string &index, const std::string &pictures) {
        auto tracks = read_subtitle_tracks(index, pictures);
        for (const auto &track : tracks.value_or(std::vector<ReadSubtitles>()))
            if (!keeps_its_promises(track.subtitles))
                return false;
        return true;
    };
    for (std::size_t at = 0; at < pair.pictures.size(); at += 3) {
        std::string changed = pair.pictures;
        changed[at] = static_cast<char>(changed[at] ^ 0xff);
        EXPECT_TRUE(promises_of(pair.index, changed)) << at;
        EXPECT_TRUE(promises_of(pair.index, pair.pictures.substr(0, at + 1))) << at;
    }
    for (std::size_t at = 20; at < pair.index.size(); at++) {
        std::string changed = pair.index;
        changed[at] = changed[at] == '9' ? '-' : '9';
        EXPECT_TRUE(promises_of(changed, pair.pictures)) << at;
    }
    // Far away in time and place.
    EXPECT_TRUE(promises_of("# VobSub index file\nid: en, index: 99999999999\ndelay: 9999:59:59:999\n"
                            "delay: 9999:59:59:999\ntimestamp: 9999:59:59:999, filepos: ffffffffffffffff\n"
                            "size: 99999x1\nsize: 0x0\npalette: 1\ntimestamp: -9999:59:59:999, filepos: 0\n",
                            pair.pictures));
}

// The same pictures in containers, by ffmpeg.
class SubPicturesInside : public testing::TestWithParam<const char *> {};

TEST_P(SubPicturesInside, AreThoseOfTheFileBeside)
{
    test::TemporaryFolder folder;
    auto pair = test::vobsub_pair();
    test::write_file(folder.path("a.idx"), pair.index);
    test::write_file(folder.path("a.sub"), pair.pictures);
    std::string film = folder.path(std::string("film.") + GetParam());
    std::string line = "ffmpeg -v error -nostdin -y -f lavfi -i testsrc=s=720x576:r=25:d=5 -i " +
                       folder.path("a.idx") + " -map 0 -map 1:0 -c:v mpeg2video -c:s copy " + film;
    if (std::system("command -v ffmpeg >/dev/null") != 0)
        GTEST_SKIP() << "no ffmpeg";
    ASSERT_EQ(std::system(line.c_str()), 0);
    auto result = test::probe_file(film);
    ASSERT_EQ(result.asset.subtitles.size(), 1U) << result.asset.reason;
    EXPECT_EQ(result.asset.subtitles[0].reason, "");
    EXPECT_EQ(result.asset.subtitles[0].format, "vobsub");
    auto inside = media::Subtitles::parse(result.subtitles.at(0));
    ASSERT_TRUE(inside);
    auto beside = read_subtitle_tracks(pair.index, pair.pictures);
    ASSERT_TRUE(beside);
    const auto &expected = (*beside)[0].subtitles;
    // ffmpeg leaves the last one out of an MP4. Only Matroska tells the canvas and keeps all colours.
    bool whole = std::string(GetParam()) == "mkv";
    ASSERT_EQ(inside->cues.size(), std::string(GetParam()) == "mp4" ? 1U : expected.cues.size());
    for (std::size_t i = 0; i < inside->cues.size(); i++) {
        const auto &picture = inside->cues[i].pictures.at(0);
        EXPECT_EQ(picture.x, expected.cues[i].pictures.at(0).x);
        EXPECT_EQ(picture.height, expected.cues[i].pictures.at(0).height);
        if (whole) {
            EXPECT_EQ(inside->cues[i].start_ns, expected.cues[i].start_ns);
            EXPECT_EQ(picture.runs, expected.cues[i].pictures[0].runs);
        }
    }
    EXPECT_TRUE(!whole || inside->canvas_width == 720);
    if (std::string(GetParam()) == "mp4") {
        // Through Y'CbCr and back.
        std::string red = pixel(inside->cues[0].pictures[0], 0, 0);
        EXPECT_GT(static_cast<std::uint8_t>(red[0]), 250);
        EXPECT_LT(static_cast<std::uint8_t>(red[1]), 5);
    }
}

INSTANTIATE_TEST_SUITE_P(Containers, SubPicturesInside, testing::Values("mkv", "mp4", "vob"));

} // namespace
} // namespace butaca::origin
