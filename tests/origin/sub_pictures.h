// SPDX-License-Identifier: LGPL-2.1-or-later
// Sub-pictures of DVDs made for tests: nobody gives discs away.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace butaca::origin::test {

// Rows of digits 0 to 3, all of the same length: the colours of the pixels.
struct Drawing {
    unsigned x = 0;
    unsigned y = 0;
    std::vector<std::string> rows;
    std::string colours = "3210"; // hexadecimal digits: of colour 3, 2, 1, 0
    std::string alphas = "fff0";
    unsigned stop_date = 0; // in units of 1024/90000 s; 0: none
};

// One sub-picture.
std::string sub_picture(const Drawing &drawing);

// Packs of a program stream that hold a sub-picture, cut into packets of `piece` bytes.
std::string program_stream_of(const std::string &sub_picture, unsigned stream, std::size_t piece = 2000);

// An index of two languages and its pictures: "en" at 1 s and 3 s, "es" at 2 s.
struct VobSubPair {
    std::string index;
    std::string pictures;
};
VobSubPair vobsub_pair();

} // namespace butaca::origin::test
