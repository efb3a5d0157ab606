// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/playback/rtsp/request_gate.h"

namespace butaca::playback::rtsp {
namespace {

const std::string options = "OPTIONS rtsp://host/ RTSP/1.0\r\nCSeq: 1\r\n\r\n";

struct Fed {
    std::string out;
    bool taken = true;
};

Fed feed(const std::vector<std::string> &pieces)
{
    RequestGate gate;
    Fed fed;
    for (const auto &piece : pieces)
        fed.taken = fed.taken && gate.feed(piece, fed.out);
    return fed;
}

} // namespace

TEST(RequestGate, LetsAWholeRequestThroughWhereverItIsCut)
{
    for (std::size_t at = 0; at <= options.size(); at++) {
        auto fed = feed({options.substr(0, at), options.substr(at)});
        EXPECT_TRUE(fed.taken);
        EXPECT_EQ(fed.out, options) << at;
    }
    std::vector<std::string> letters;
    for (char c : options)
        letters.emplace_back(1, c);
    EXPECT_EQ(feed(letters).out, options);
}

TEST(RequestGate, HoldsBackWhatIsNotWholeYet)
{
    EXPECT_EQ(feed({options, options.substr(0, 20)}).out, options);
    const std::string with_body =
        "SET_PARAMETER rtsp://host/ RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 4\r\n\r\n";
    EXPECT_EQ(feed({with_body + "ab"}).out, "");
    EXPECT_EQ(feed({with_body + "ab", "cd"}).out, with_body + "abcd");
}

TEST(RequestGate, LetsSeveralRequestsAndFramesThroughTogether)
{
    const std::string frame = std::string("$\1\0\4", 4) + "rtcp";
    EXPECT_EQ(feed({options + options + frame + options}).out, options + options + frame + options);
    EXPECT_EQ(feed({frame.substr(0, 3), frame.substr(3, 3)}).out, "");
}

TEST(RequestGate, RefusesWhatHasNoBounds)
{
    EXPECT_FALSE(feed({std::string(RequestGate::head_most_bytes + 100, 'A')}).taken);
    EXPECT_FALSE(feed({"OPTIONS rtsp://host/ RTSP/1.0\r\nA: " +
                       std::string(RequestGate::line_most_bytes, 'b') + "\r\n\r\n"})
                     .taken);
    std::string many = "OPTIONS rtsp://host/ RTSP/1.0\r\n";
    for (std::size_t i = 0; i < RequestGate::lines_most + 1; i++)
        many += "A: b\r\n";
    EXPECT_FALSE(feed({many + "\r\n"}).taken);
    EXPECT_FALSE(feed({std::string("$\0\xff\xff", 4) + std::string(100, 'x')}).taken);
}

} // namespace butaca::playback::rtsp
