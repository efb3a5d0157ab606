// SPDX-License-Identifier: LGPL-2.1-or-later
// The gate before json-glib: RFC 8259 by recursive descent, with the depth counted.
#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include <glib.h>

#include "src/base/json.h"

namespace butaca::json {

namespace {

constexpr unsigned depth_most = 256;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Each function reads one piece of the grammar at `at_` and says whether it was there; the first that says no
// leaves the reason in `problem_`.
class Checker {
public:
    Checker(std::string_view text, unsigned depth) : text_(text), depth_left_(depth) {}

    Status run()
    {
        skip_blanks();
        if (value()) {
            skip_blanks();
            if (at_ == text_.size())
                return {};
            problem("there is more after its end");
        }
        return fail(too_deep_ ? ErrorCode::too_large : ErrorCode::invalid_argument,
                    "the JSON document is not acceptable at byte " + std::to_string(at_) + ": " + problem_);
    }

private:
    bool problem(const char *what)
    {
        problem_ = what;
        return false;
    }

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; } // the text holds no NUL

    bool take(char c)
    {
        if (peek() != c || at_ == text_.size())
            return false;
        ++at_;
        return true;
    }

    void skip_blanks()
    {
        while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')
            ++at_;
    }

    bool word(std::string_view expected)
    {
        if (text_.substr(at_, expected.size()) != expected)
            return problem("a value was expected");
        at_ += expected.size();
        return true;
    }

    bool value()
    {
        switch (peek()) {
        case '{':
            return nested([this] { return members(); });
        case '[':
            return nested([this] { return elements(); });
        case '"': {
            std::string ignored;
            return string(ignored);
        }
        case 't':
            return word("true");
        case 'f':
            return word("false");
        case 'n':
            return word("null");
        default:
            return number();
        }
    }

    template <typename Content> bool nested(Content &&content)
    {
        if (depth_left_ == 0) {
            too_deep_ = true;
            return problem("it is nested too deeply");
        }
        --depth_left_;
        ++at_;
        skip_blanks();
        bool good = content();
        ++depth_left_;
        return good;
    }

    bool members()
    {
        if (take('}'))
            return true;
        // A tree, not a hash table: the names come from outside and could be chosen to collide.
        std::set<std::string> names;
        do {
            skip_blanks();
            std::size_t start = at_;
            std::string name;
            if (peek() != '"')
                return problem("a name was expected");
            if (!string(name))
                return false;
            if (!names.insert(std::move(name)).second) {
                at_ = start;
                return problem("a name is repeated");
            }
            skip_blanks();
            if (!take(':'))
                return problem("a colon was expected");
            skip_blanks();
            if (!value())
                return false;
            skip_blanks();
        } while (take(','));
        return take('}') || problem("a comma or the end of an object was expected");
    }

    bool elements()
    {
        if (take(']'))
            return true;
        do {
            skip_blanks();
            if (!value())
                return false;
            skip_blanks();
        } while (take(','));
        return take(']') || problem("a comma or the end of an array was expected");
    }

    bool string(std::string &decoded)
    {
        ++at_;
        for (;;) {
            std::size_t stop = at_;
            while (stop < text_.size() && text_[stop] != '"' && text_[stop] != '\\' &&
                   static_cast<unsigned char>(text_[stop]) >= 0x20)
                ++stop;
            decoded += text_.substr(at_, stop - at_);
            at_ = stop;
            if (at_ == text_.size())
                return problem("a string has no end");
            if (take('"'))
                return true;
            if (!take('\\'))
                return problem("a control character is not escaped");
            if (!escape(decoded))
                return false;
        }
    }

    bool escape(std::string &decoded)
    {
        constexpr std::string_view letters = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        if (take('u'))
            return code_point(decoded);
        std::size_t which = at_ < text_.size() ? letters.find(text_[at_]) : std::string_view::npos;
        if (which == std::string_view::npos)
            return problem("an escape is unknown");
        ++at_;
        decoded += meanings[which];
        return true;
    }

    bool code_point(std::string &decoded)
    {
        gunichar c = 0;
        if (!four_digits(c))
            return false;
        if (c == 0)
            return problem("\\u0000 is not accepted");
        if (c >= 0xdc00 && c <= 0xdfff)
            return problem("half of a surrogate pair is missing");
        if (c >= 0xd800 && c <= 0xdbff) {
            gunichar low = 0;
            if (!take('\\') || !take('u'))
                return problem("half of a surrogate pair is missing");
            if (!four_digits(low))
                return false;
            if (low < 0xdc00 || low > 0xdfff)
                return problem("half of a surrogate pair is missing");
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        }
        std::array<char, 6> bytes{};
        decoded.append(bytes.data(), static_cast<std::size_t>(g_unichar_to_utf8(c, bytes.data())));
        return true;
    }

    bool four_digits(gunichar &c)
    {
        for (int i = 0; i < 4; ++i) {
            int digit = g_ascii_xdigit_value(peek());
            if (digit < 0)
                return problem("an escape needs four hex digits");
            c = c * 16 + static_cast<gunichar>(digit);
            ++at_;
        }
        return true;
    }

    bool digits()
    {
        std::size_t start = at_;
        while (is_digit(peek()))
            ++at_;
        return at_ > start;
    }

    bool number()
    {
        std::size_t start = at_;
        bool integer = true;
        take('-');
        // A zero stands alone: what follows "0" is then no part of the number.
        if (!take('0') && !digits())
            return problem("a value was expected");
        if (take('.')) {
            integer = false;
            if (!digits())
                return problem("a digit was expected");
        }
        if (take('e') || take('E')) {
            integer = false;
            if (!take('+'))
                take('-');
            if (!digits())
                return problem("a digit was expected");
        }
        std::string_view text = text_.substr(start, at_ - start);
        if (!(integer ? holds<std::int64_t>(text) : holds<double>(text))) {
            at_ = start;
            return problem("a number is out of range");
        }
        return true;
    }

    template <typename T> static bool holds(std::string_view text)
    {
        T ignored{};
        return std::from_chars(text.data(), text.data() + text.size(), ignored).ec == std::errc();
    }

    std::string_view text_;
    std::size_t at_ = 0;
    unsigned depth_left_;
    const char *problem_ = "";
    bool too_deep_ = false;
};

} // namespace

Status check(std::string_view text, Limits limits)
{
    if (text.size() > limits.size_bytes)
        return fail(ErrorCode::too_large,
                    "the JSON document is larger than " + std::to_string(limits.size_bytes) + " bytes");
    const char *stop = text.data();
    // This also refuses NULs, which the checker relies on.
    if (!text.empty() && !g_utf8_validate_len(text.data(), text.size(), &stop))
        return fail(ErrorCode::invalid_argument,
                    "the JSON document is not valid UTF-8 at byte " + std::to_string(stop - text.data()));
    return Checker(text, std::min(limits.depth, depth_most)).run();
}

} // namespace butaca::json
