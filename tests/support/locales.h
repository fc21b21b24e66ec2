// Locales whose letters and numbers are not C's, as a program that we are part of may have set
// them: Turkish lower case of I is not i, German numbers have a comma.
#pragma once

#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <filesystem>
#include <locale>
#include <string>

#include "base/error.h"
#include "base/process.h"
#include "tests/support/places.h"

namespace mote::testing {

// Sets the locale, of C and of C++, for as long as it lives. One that the system lacks is made
// by localedef, once in a build's folder.
class LocaleOfTest {
 public:
  explicit LocaleOfTest(const std::string& name) {
    if (std::setlocale(LC_ALL, name.c_str()) == nullptr) make(name);
    there_ = std::setlocale(LC_ALL, name.c_str()) != nullptr;
    if (there_) std::locale::global(std::locale(name));
  }
  ~LocaleOfTest() {
    std::locale::global(std::locale::classic());
    std::setlocale(LC_ALL, "C");
    ::unsetenv("LOCPATH");
  }
  LocaleOfTest(const LocaleOfTest&) = delete;
  LocaleOfTest& operator=(const LocaleOfTest&) = delete;

  bool there() const { return there_; }
  const std::string& why_not() const { return why_not_; }

 private:
  // "tr_TR.UTF-8" from the sources in /usr/share/i18n. Under another name first: tests run side by
  // side.
  void make(const std::string& name) {
    const std::string folder = build_path("locales"), whole = folder + "/" + name;
    const std::string own = whole + "." + std::to_string(::getpid());
    std::filesystem::create_directories(folder);
    try {
      const size_t dot = name.find('.');
      if (!std::filesystem::exists(whole))
        why_not_ = "localedef: " + run_process({"localedef", "-i", name.substr(0, dot), "-f",
                                                name.substr(dot + 1), own})
                                       .output;
    } catch (const Error& error) {
      why_not_ = error.what();
    }
    std::error_code ignored;
    std::filesystem::rename(own, whole, ignored);
    std::filesystem::remove_all(own, ignored);
    ::setenv("LOCPATH", folder.c_str(), 1);
  }

  bool there_ = false;
  std::string why_not_ = "install the Debian package locales";
};

}  // namespace mote::testing
