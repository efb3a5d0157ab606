// SPDX-License-Identifier: LGPL-2.1-or-later
// What a statement gave back, and what goes into one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

// libpq's own type, so that its header stays inside store/pg.
struct pg_result;

namespace butaca::pg {

// One parameter ($1, $2, ...). Text is only looked at: it must outlive the call of exec(). The server infers
// the SQL type from the statement, so text also serves for jsonb, timestamps and enumerations.
class Param {
public:
    struct Bytes {
        std::string_view content;
    };

    Param(std::nullopt_t) {}                       // NOLINT(google-explicit-constructor): SQL NULL
    Param(std::string_view text) : value_(text) {} // NOLINT(google-explicit-constructor)
    Param(const std::string &text) : Param(std::string_view(text)) {} // NOLINT(google-explicit-constructor)
    Param(const char *text) : Param(std::string_view(text)) {}        // NOLINT(google-explicit-constructor)
    Param(std::int64_t number) : value_(number) {}                    // NOLINT(google-explicit-constructor)
    Param(int number) : value_(std::int64_t{number}) {}               // NOLINT(google-explicit-constructor)
    Param(unsigned number) : value_(std::int64_t{number}) {}          // NOLINT(google-explicit-constructor)
    Param(bool flag) : value_(flag) {}                                // NOLINT(google-explicit-constructor)
    Param(Bytes bytes) : value_(bytes) {}                             // NOLINT(google-explicit-constructor)
    template <typename T> Param(const std::optional<T> &maybe)        // NOLINT(google-explicit-constructor)
    {
        if (maybe)
            *this = Param(*maybe);
    }

    using Value = std::variant<std::monostate, std::string_view, std::int64_t, bool, Bytes>;
    const Value &value() const { return value_; }

private:
    Value value_;
};

// A text[] parameter, written as PostgreSQL reads it ({"a","b"}).
std::string text_array(std::span<const std::string> elements);

class Rows;

// One row of a Rows that must outlive it. Columns count from 0, in the order of the SELECT. Reading a column
// as a type that it does not have, or NULL where it cannot be, is our own bug and aborts.
class Row {
public:
    bool is_null(int column) const;
    std::string text(int column) const;
    std::int64_t integer(int column) const;
    bool boolean(int column) const;
    std::string bytes(int column) const; // bytea
    std::optional<std::string> maybe_text(int column) const;
    std::optional<std::int64_t> maybe_integer(int column) const;

private:
    friend class Rows;
    Row(const pg_result *result, int index) : result_(result), index_(index) {}
    std::string_view raw(int column) const;

    const pg_result *result_;
    int index_;
};

// The rows of one statement. Move-only owner of libpq's result.
class Rows {
public:
    explicit Rows(pg_result *full);

    int size() const;
    bool empty() const { return size() == 0; }
    Row operator[](int index) const;
    // Rows that an INSERT, UPDATE or DELETE touched.
    std::int64_t affected() const;

    class Iterator {
    public:
        Iterator(const Rows &rows, int index) : rows_(rows), index_(index) {}
        Row operator*() const { return rows_[index_]; }
        Iterator &operator++()
        {
            ++index_;
            return *this;
        }
        bool operator!=(const Iterator &other) const { return index_ != other.index_; }

    private:
        const Rows &rows_;
        int index_;
    };
    Iterator begin() const { return {*this, 0}; }
    Iterator end() const { return {*this, size()}; }

private:
    struct Clear {
        void operator()(pg_result *result) const noexcept;
    };
    std::unique_ptr<pg_result, Clear> result_;
};

} // namespace butaca::pg
