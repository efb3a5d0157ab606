// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "tests/client/check_faults.h"
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
