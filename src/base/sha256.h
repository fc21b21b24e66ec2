// SHA-256 (FIPS 180-4), by OpenSSL: what downloads are held to. Tested by sha256_test.cc.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"

struct evp_md_ctx_st;

namespace mote {

// Of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  void add(std::span<const uint8_t> bytes);
  // 64 lower-case hexadecimal digits; nothing can be added after it.
  std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

std::string sha256(std::span<const uint8_t> bytes);
std::string sha256(std::string_view text);

}  // namespace mote
