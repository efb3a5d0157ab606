// SPDX-License-Identifier: LGPL-2.1-or-later
// A reader on scripted servers, quick to lose patience.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "plugins/source/range_reader.h"
#include "tests/support/faulty_origin.h"

namespace butaca::source {

inline ReaderOptions hasty()
{
    ReaderOptions options;
    options.read_timeout_ms = 300;
    options.backoff_ms = 1;
    options.block_size_bytes = 64 * 1024;
    options.cache_size_bytes = 1024 * 1024;
    options.read_ahead_bytes = 256 * 1024;
    return options;
}

inline std::unique_ptr<RangeReader> reader_of(const test::FaultyOrigin &origin,
                                              ReaderOptions options = hasty(),
                                              std::vector<std::string> replicas = {})
{
    Address address{{origin.host()}, origin.path(), origin.digest()};
    address.hosts.insert(address.hosts.end(), replicas.begin(), replicas.end());
    return std::make_unique<RangeReader>(std::move(address), "t1cket", options);
}

// `size_bytes` at `offset`; the error's name in angle brackets when it fails.
inline std::string read_at(RangeReader &reader, std::uint64_t offset, std::size_t size_bytes)
{
    std::string bytes(size_bytes, '\0');
    auto got = reader.read(offset, std::span(reinterpret_cast<std::uint8_t *>(bytes.data()), bytes.size()));
    if (!got)
        return std::string("<") + to_string(got.error().code) + ">";
    bytes.resize(*got);
    return bytes;
}

// Everything, in pieces of an odd size.
inline std::string read_all(RangeReader &reader, std::size_t piece_bytes = 10007)
{
    std::string all;
    for (;;) {
        std::string piece = read_at(reader, all.size(), piece_bytes);
        all += piece;
        if (piece.size() < piece_bytes)
            return all;
    }
}

// Whole texts of noise in a failure message help nobody.
inline testing::AssertionResult same(const std::string &got, const std::string &expected)
{
    if (got == expected)
        return testing::AssertionSuccess();
    std::size_t at = 0;
    while (at < got.size() && at < expected.size() && got[at] == expected[at])
        ++at;
    return testing::AssertionFailure() << got.size() << " bytes instead of " << expected.size()
                                       << ", differing at " << at << (got.size() < 40 ? ": " + got : "");
}

} // namespace butaca::source
