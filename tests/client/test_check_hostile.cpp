// SPDX-License-Identifier: LGPL-2.1-or-later
#include <random>

#include <gtest/gtest.h>

#include "tests/client/stream_site.h"
#include "tests/client/ts_writer.h"

using namespace butaca;
using namespace butaca::client::check;

namespace {

// Reads bytes by every reader there is.
void read_as_anything(const std::string &bytes, const Init &init)
{
    Findings findings;
    const Place place{"a", 1, 0};
    read_playlist(bytes, "a", findings);
    read_init(bytes, place, findings);
    read_fragments(bytes, init, 7, place, findings);
    read_transport_stream(bytes, false, place, findings);
    read_packed_audio(bytes, place, findings);
    read_webvtt(bytes, place, findings);
    gunzip(bytes, 1 << 20);
}

} // namespace

TEST(CheckReaders, SurviveAnyDamage)
{
    const test::Site mp4 = test::mp4_site();
    const test::Site ts = test::ts_site();
    Findings aside;
    const Init init = read_init(mp4.pages.at("v-init.mp4").body, {}, aside);
    std::mt19937 random(1);
    for (const auto &[site, name] : {std::pair{&mp4, "master.m3u8"},
                                     {&mp4, "i.m3u8"},
                                     {&mp4, "v-init.mp4"},
                                     {&mp4, "a-init.mp4"},
                                     {&mp4, "v-0.m4s"},
                                     {&mp4, "s-0.vtt"},
                                     {&ts, "w-0.ts"},
                                     {&ts, "a-0.aac"}})
        for (int round = 0; round < 200; round++) {
            std::string bytes = site->pages.at(name).body.substr(0, 4000);
            for (int i = 0; i < 8; i++)
                bytes[random() % bytes.size()] = static_cast<char>(random() % 3 == 0 ? 0xff : random());
            if (round % 4 == 0)
                bytes.resize(random() % bytes.size());
            read_as_anything(bytes, init);
        }
}

TEST(CheckReaders, AreNotLedToEndlessWorkByARunThatClaimsFourThousandMillionSamples)
{
    Findings findings;
    const Init init = read_init(test::init_file({{1, "vide", 24000, test::avc_entry(16, 16)}}), {}, findings);
    const std::string header = test::full_box("tfhd", 0, 0x20000, test::big_endian(1, 4));
    const std::string time = test::full_box("tfdt", 1, 0, test::big_endian(0, 8));
    const std::string run = test::full_box("trun", 0, 0, test::big_endian(UINT32_MAX, 4));
    const auto parts =
        read_fragments(test::box("moof", test::box("traf", header + time + run)) + test::box("mdat", ""),
                       init, 0, {"a", 0, 0}, findings);
    ASSERT_EQ(parts.size(), 1U);
    EXPECT_EQ(parts[0].samples, 1000000U);
    EXPECT_TRUE(findings.has(Severity::must));
}

TEST(Check, SaysWhyThereWasNothingToCheck)
{
    test::Site site = test::mp4_site();
    site.pages["master.m3u8"].body = "<html></html>";
    EXPECT_FALSE(test::check(site).ended.has_value());
    site.pages.clear();
    const auto outcome = test::check(site);
    ASSERT_FALSE(outcome.ended.has_value());
    EXPECT_EQ(outcome.ended.error().message, "HTTP 404");
}
