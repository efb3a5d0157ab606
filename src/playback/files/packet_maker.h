// SPDX-License-Identifier: LGPL-2.1-or-later
// A piece that is made packet by packet.
#pragma once

#include <cstdint>
#include <string>

#include "src/playback/files/file_format.h"
#include "src/playback/ts/cmaf_reader.h"

namespace butaca::playback::files {

class PacketMaker : public PieceMaker {
public:
    // `packets` are to come.
    explicit PacketMaker(std::uint32_t packets) : left_(packets) {}

    Result<std::string> feed(ByteView bytes) final
    {
        std::string out;
        auto fed = reader_.feed(bytes, [&](const ts::Sample &sample) -> Status {
            if (left_ == 0)
                return fail(ErrorCode::internal, "a segment of sound has too many packets");
            left_--;
            return take(sample.bytes, out);
        });
        return fed ? Result<std::string>(std::move(out)) : fail(fed.error());
    }
    Result<std::string> finish() final
    {
        if (auto whole = reader_.finish(); !whole)
            return fail(whole.error());
        if (left_ > 0)
            return fail(ErrorCode::internal, "a segment of sound has too few packets");
        std::string out;
        end(out);
        return out;
    }

protected:
    // One packet, in order; what it becomes is added to `out`, now or with a later one.
    virtual Status take(ByteView packet, std::string &out) = 0;
    // After the last one.
    virtual void end(std::string &) {}

private:
    std::uint32_t left_;
    ts::SampleReader reader_{ts::Track{}};
};

} // namespace butaca::playback::files
