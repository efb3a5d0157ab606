// SPDX-License-Identifier: LGPL-2.1-or-later
// The binary form that values are kept and sent in: a magic word, numbers as variable-length integers, a
// checksum. Little more than bytes, so that what comes back is checked by who knows what it means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace butaca::media {

// LEB128: seven bits a byte, the lowest first.
void put_unsigned(std::string &out, std::uint64_t value);
// Zigzag: small magnitudes of either sign become small unsigned numbers.
void put_signed(std::string &out, std::int64_t value);
// Its length, then its bytes.
void put_bytes(std::string &out, std::string_view bytes);

// Adds the checksum to what begins with a magic word.
std::string seal_wire(std::string content);
// What lies between the magic word and the checksum; nothing when either is wrong. Lives as long as `bytes`.
std::optional<std::string_view> open_wire(std::string_view bytes, std::string_view magic);

// Reads numbers back. Once something is missing or too large, good() is false and all further numbers are 0.
class WireReader {
public:
    explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

    std::uint64_t unsigned_number();
    std::int64_t signed_number();
    // An unsigned number that is at most `most`.
    std::uint64_t number_up_to(std::uint64_t most);
    // A count of things of which each takes at least one byte: never more than the bytes that are left.
    std::size_t count();
    // Its length, then its bytes; at most `most` of them. Lives as long as what is read from.
    std::string_view bytes(std::size_t most);
    // Just so many bytes; lives as long.
    std::string_view fixed(std::size_t size);

    bool good() const { return good_; }
    bool done() const { return good_ && at_ == bytes_.size(); }

protected:
    std::uint64_t broken()
    {
        good_ = false;
        return 0;
    }

private:
    std::string_view bytes_;
    std::size_t at_ = 0;
    bool good_ = true;
};

} // namespace butaca::media
