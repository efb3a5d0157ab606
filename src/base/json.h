// SPDX-License-Identifier: LGPL-2.1-or-later
// JSON in and out: the only place that knows json-glib. Documents from outside pass a strict RFC 8259 gate
// first, for json-glib 1.6 overflows its stack on deep nesting, wraps integers and takes comments, NULs and
// repeated keys.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace butaca::json {

struct Limits {
    std::size_t size_bytes = 1 << 20;
    unsigned depth = 32; // objects and arrays within each other; at most 256, for the check recurses
};

// Is `text` exactly one JSON document by RFC 8259, in valid UTF-8, without repeated keys, \u0000, lone
// surrogates, integers beyond 64 bits (signed) or numbers that no double holds, within the limits?
// `invalid_argument` says where not; `too_large` when a limit is passed.
Status check(std::string_view text, Limits limits = {});

// One value of a parsed document; keeps the whole document alive. Cheap to copy. A default one is null.
class Value {
public:
    Value() = default;

    // Parses after check(). The errors are those of check().
    static Result<Value> parse(std::string_view text, Limits limits = {});

    bool is_null() const;
    bool is_object() const;
    bool is_array() const;
    bool is_string() const;

    // The member of an object; a null Value where there is none or this is no object.
    Value operator[](std::string_view name) const;
    // Elements of an array, members' names of an object in their order; empty for anything else.
    std::vector<Value> items() const;
    std::vector<std::string> keys() const;

    // The value when it has exactly that type, else nothing. A number written without fraction or exponent is
    // an integer.
    std::optional<std::string> string() const;
    std::optional<std::int64_t> integer() const;
    std::optional<double> number() const;
    std::optional<bool> boolean() const;

    std::string string_or(std::string_view fallback) const;
    std::int64_t integer_or(std::int64_t fallback) const;
    double number_or(double fallback) const;
    bool boolean_or(bool fallback) const;

private:
    struct Node;
    std::shared_ptr<const Node> node_;
};

// Writes one document, in the order of the calls:
//   Writer w; w.begin_object(); w.member("id", 7); w.key("tags"); w.begin_array(); w.value("a");
//   w.end_array(); w.end_object();
// Misuse (two roots, a value without a key in an object) is our own bug and asserts.
class Writer {
public:
    Writer &begin_object();
    Writer &end_object();
    Writer &begin_array();
    Writer &end_array();
    Writer &key(std::string_view name);

    Writer &value(std::string_view text);
    Writer &value(const char *text) { return value(std::string_view(text)); }
    Writer &value(const std::string &text) { return value(std::string_view(text)); }
    Writer &value(bool flag);
    // NaN and infinities, which JSON has no word for, become null.
    Writer &value(double number);
    Writer &value(std::int64_t number);
    Writer &value(std::uint64_t number);
    Writer &value(int number) { return value(static_cast<std::int64_t>(number)); }
    Writer &value(unsigned number) { return value(static_cast<std::uint64_t>(number)); }
    Writer &null();
    // Places a document that is JSON already; the caller vouches for it.
    Writer &raw(std::string_view document);

    template <typename T> Writer &member(std::string_view name, const T &content)
    {
        key(name);
        return value(content);
    }

    // The finished document, in UTF-8 (invalid bytes and NULs in strings became U+FFFD). The writer is as new
    // then.
    std::string take();

private:
    struct Open {
        bool object;
        bool has_content = false;
    };
    void begin_value();
    void end(bool object, char bracket);
    std::string text_;
    std::vector<Open> open_; // the objects and arrays not ended yet, outermost first
    bool after_key_ = false;
};

} // namespace butaca::json
