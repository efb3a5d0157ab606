// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "client/check/judge_lists.h"
#include "tests/client/check_faults.h"
#include "tests/client/mp4_writer.h"
#include "tests/client/stream_site.h"
#include "tests/client/ts_writer.h"

using namespace butaca;
using test::check;

namespace {

std::string words_of(const test::Outcome &outcome)
{
    std::string out;
    for (const auto &finding : outcome.findings)
        if (finding.rule != client::check::Rule::delivery_local)
            out += std::string(entry_of(finding.rule).id) + " " + finding.place.playlist + ":" +
                   std::to_string(finding.place.line) + " " +
                   found_words(entry_of(finding.rule), finding.values, client::Language::english) + "\n";
    return out;
}

constexpr const char *local = "delivery-local";

std::vector<test::Fault> all_faults()
{
    std::vector<test::Fault> all;
    for (auto some : {test::playlist_faults(), test::multivariant_faults(), test::media_faults(),
                      test::delivery_faults()})
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

} // namespace

TEST(Check, FindsNothingInAFaultlessStreamOfMp4)
{
    const auto outcome = check(test::mp4_site());
    ASSERT_TRUE(outcome.ended.has_value());
    EXPECT_EQ(words_of(outcome), "");
    ASSERT_EQ(outcome.presentation.streams.size(), 5U);
    for (const auto &stream : outcome.presentation.streams)
        EXPECT_TRUE(stream.all_looked_at()) << stream.name;
}

TEST(Check, FindsNothingInAFaultlessTransportStream)
{
    const auto outcome = check(test::ts_site());
    ASSERT_TRUE(outcome.ended.has_value());
    EXPECT_EQ(words_of(outcome), "");
    ASSERT_EQ(outcome.presentation.streams.size(), 4U);
    EXPECT_EQ(outcome.presentation.streams[0].formats.at(0).codecs, "avc1.64001f");
    EXPECT_DOUBLE_EQ(outcome.presentation.streams[0].duration_s(), 18);
}

TEST(Check, FindsNothingInAFaultlessMediaPlaylist)
{
    EXPECT_EQ(words_of(check(test::site_of(test::Base::pictures))), "");
}

TEST(Check, FindsEachFaultAndNothingElse)
{
    for (const auto &fault : all_faults()) {
        const std::string id = entry_of(fault.rule).id;
        SCOPED_TRACE(id);
        test::Site site = test::site_of(fault.base);
        fault.make(site);
        std::set<std::string> expected = fault.also;
        expected.insert(id);
        if (fault.rule != client::check::Rule::delivery_tls)
            expected.insert(local); // every stream here is on this machine
        const auto outcome = check(site);
        EXPECT_TRUE(outcome.ended.has_value());
        EXPECT_EQ(outcome.rules(), expected) << words_of(outcome);
    }
}

TEST(Check, HasAFaultForEachOfItsRules)
{
    std::set<std::string> tried;
    for (const auto &fault : all_faults())
        tried.insert(entry_of(fault.rule).id);
    for (const auto &entry : client::check::rules())
        EXPECT_TRUE(tried.count(entry.id)) << entry.id;
}

// Short frames that are stretched over packets leave no more than a few bytes for the first of them.
TEST(Check, ReadsAFrameWhoseHeaderLiesInSeveralPackets)
{
    test::TsWriter writer(0x0f);
    const std::string frame("\xff\xf1\x50\x40\x01\x7f\xfc..", 9);
    std::string segment = writer.tables();
    for (unsigned f = 0; f < 3; f++)
        segment += writer.picture(126000 + 2090ULL * f, frame, true, f + 1);
    client::check::Findings findings;
    const auto packed = client::check::read_transport_stream(segment, false, {"0.ts", 1, 0}, findings);
    EXPECT_TRUE(findings.sorted().empty());
    ASSERT_EQ(packed.formats.size(), 1U);
    EXPECT_EQ(packed.formats[0].codecs, "mp4a.40.2");
    ASSERT_EQ(packed.parts.size(), 1U);
    EXPECT_EQ(packed.parts[0].samples, 3U);
    EXPECT_EQ(packed.parts[0].shown_begin, 126000);
    EXPECT_EQ(packed.parts[0].shown_end, 126000 + 3 * 2090);
}

// Decoded together at the segment's begin and shown at uneven times: the last picture's duration is the rest
// of the decode times, and what is usual in the segment is far more than it lasts.
TEST(Check, AllowsALastPictureThatIsAsShortAsUsualAfterUnevenOnes)
{
    test::Site site = test::site_of(test::Base::pictures);
    test::FragmentWish wish{1, 288000, {}, true, true, 0};
    const std::vector<std::int32_t> shown{0, 96000, 131000, 143000};
    for (std::int32_t i = 0; i < 4; i++)
        wish.samples.push_back({i < 3 ? 1U : 143997U, test::avc_sample(5, 400), true, shown[i] - i});
    site.pages["v-2.m4s"].body = test::fragment(wish);
    const auto outcome = check(site);
    EXPECT_EQ(outcome.rules(), (std::set<std::string>{"video-keyframes", local})) << words_of(outcome);
    EXPECT_DOUBLE_EQ(outcome.presentation.streams.at(0).duration_s(), 18);
}

TEST(Check, LetsOneOfTwoVariantsThatAreEquallyNearToTheDefaultComeFirst)
{
    const auto rules_for = [](const std::string &second_bps) {
        client::check::Findings findings;
        const std::string variant = "#EXT-X-STREAM-INF:BANDWIDTH=3000000,RESOLUTION=2x2,AVERAGE-BANDWIDTH=";
        const auto list = client::check::read_playlist(
            "#EXTM3U\n" + variant + "3000000\na.m3u8\n" + variant + second_bps + "\nb.m3u8\n", "m", findings);
        client::check::judge_multivariant(list.multivariant, "m", findings);
        std::set<std::string> rules;
        for (const auto &finding : findings.sorted())
            rules.insert(entry_of(finding.rule).id);
        return rules;
    };
    EXPECT_FALSE(rules_for("2800000").count("rates-default"));
    EXPECT_TRUE(rules_for("2600000").count("rates-default"));
}

TEST(Check, AllowsTheSizeInSquarePixelsForPicturesOfOthers)
{
    const auto rules_for = [](unsigned across, unsigned down) {
        test::Site site = test::mp4_site();
        const std::string shape = test::box("pasp", test::big_endian(across, 4) + test::big_endian(down, 4));
        site.pages["w-init.mp4"].body =
            test::init_file({{1, "vide", 24000, test::avc_entry(480, 360, 100, 31, "avc1", shape)}});
        return check(site).rules();
    };
    EXPECT_FALSE(rules_for(4, 3).count("resolution-agree")); // 640 x 360 is what the playlist says
    EXPECT_TRUE(rules_for(1, 1).count("resolution-agree"));
    EXPECT_TRUE(rules_for(3, 4).count("resolution-agree"));
    EXPECT_TRUE(rules_for(4, 0).count("resolution-agree"));
}
