// What readers of our TOML files share: a value by its key, of the type and in the range that it
// must have, and errors that name file, line, key and what is allowed. Tested by the readers'
// tests.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// Its parser asserts on some damaged texts in debug builds; it throws parse_error all the same.
#define TOML_ASSERT(expression) static_cast<void>(0)
#include <toml++/toml.h>

namespace mote {

class TomlReader {
 public:
  // `where` is the file's path, which errors name.
  explicit TomlReader(std::string where) : where_(std::move(where)) {}

  // Throws Error{invalid_input} with the line of a text that is no TOML; `hint` says what it is.
  toml::table parse(std::string_view text, const std::string& hint) const;

  // Throws Error{invalid_input} naming file and line.
  [[noreturn]] void fail(const toml::node& at, const std::string& message,
                         const std::string& hint) const;
  // "study.toml:12"
  std::string place(const toml::node& at) const;
  // A path that the file names, absolute: as seen from the file's folder, with the environment's
  // variables in place of ${NAME}. Fails where there is no such variable.
  std::string resolved(const toml::node& at, const std::string& path) const;
  // Fails on a key of the table that is not in `keys`.
  void allow(const toml::table& table, const std::set<std::string_view>& keys) const;
  // Fails unless the value of `key` is among the allowed ones.
  void expect(const toml::table& table, std::string_view key, const std::string& value,
              const std::set<std::string_view>& allowed) const;

  // The value of `key`, or `otherwise` where it is not there.
  std::string text(const toml::table& table, std::string_view key, std::string otherwise) const;
  template <class T>
  T integer(const toml::table& table, std::string_view key, T otherwise,
            std::type_identity_t<T> min, std::type_identity_t<T> max) const {
    return static_cast<T>(whole(table, key, static_cast<int64_t>(otherwise),
                                static_cast<int64_t>(min), static_cast<int64_t>(max)));
  }
  double real(const toml::table& table, std::string_view key, double otherwise, double min,
              double max) const;
  bool boolean(const toml::table& table, std::string_view key, bool otherwise) const;
  // A list of strings, empty where it is not there.
  std::vector<std::string> strings(const toml::table& table, std::string_view key) const;

 private:
  int64_t whole(const toml::table& table, std::string_view key, int64_t otherwise, int64_t min,
                int64_t max) const;

  std::string where_;
};

}  // namespace mote
