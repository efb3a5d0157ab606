// SPDX-License-Identifier: LGPL-2.1-or-later
// Big-endian numbers out of the bytes of strangers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace butaca::origin {

// Reads one number after another; beyond the end all is 0 and good() false. Lives as long as the bytes.
class Fields {
public:
    explicit Fields(std::string_view bytes) : bytes_(bytes) {}
    // Of at most four bytes.
    std::uint32_t number(std::size_t bytes)
    {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < bytes; i++)
            value = value << 8 | byte();
        return value;
    }
    void skip(std::size_t bytes) { at_ += std::min(bytes, bytes_.size() + 1); }
    std::string_view rest() const { return bytes_.substr(std::min(at_, bytes_.size())); }
    bool good() const { return at_ <= bytes_.size(); }

private:
    std::uint8_t byte()
    {
        std::size_t at = at_++;
        return at < bytes_.size() ? static_cast<std::uint8_t>(bytes_[at]) : 0;
    }
    std::string_view bytes_;
    std::size_t at_ = 0;
};

} // namespace butaca::origin
