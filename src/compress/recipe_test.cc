#include "compress/recipe.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "ir/error.h"
#include "ir/file.h"
#include "tests/support/temp_path.h"

namespace mote::compress {
namespace {

std::string write_recipe(const std::string& text) {
  const std::string path = temp_path("recipe_test.toml");
  write_file(path, text);
  return path;
}

std::string error_of(const std::string& text) {
  try {
    load_recipe(write_recipe(text));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::invalid_input);
    return error.what();
  }
  return "";
}

TEST(Recipe, BuiltInOnesLoad) {
  EXPECT_EQ(load_recipe("float32").scheme(), "float32");
  EXPECT_EQ(load_recipe("int8").scheme(), "int8");
  EXPECT_EQ(std::get<CalibrateStep>(load_recipe("int8").steps.at(0)).samples, 256);
  for (const Recipe& recipe : built_in_recipes()) EXPECT_FALSE(recipe.description.empty());
}

TEST(Recipe, AnUnknownNameListsTheKnownOnes) {
  try {
    load_recipe("int9");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
    EXPECT_NE(error.hint.find("int8"), std::string::npos);
  }
}

TEST(Recipe, ErrorsNameLineKeyAndWhatIsAllowed) {
  const std::string unknown = error_of("name = \"x\"\n[[step]]\ndo = \"calibrate\"\nsample = 3\n");
  EXPECT_NE(unknown.find("recipe_test.toml:4: unknown key 'sample'"), std::string::npos) << unknown;
  EXPECT_NE(unknown.find("samples"), std::string::npos) << unknown;
  EXPECT_NE(error_of("name = \"x\"\n[[step]]\ndo = \"shrink\"\n").find("unknown do 'shrink'"),
            std::string::npos);
  EXPECT_NE(error_of("name = \"x\"\n[[step]]\ndo = \"calibrate\"\nsamples = 0\n").find(":4"),
            std::string::npos);
  EXPECT_NE(error_of("name = \"x\"\n[[step]]\ndo = \"quantize\"\n").find("calibrate"),
            std::string::npos);
  EXPECT_NE(error_of("name = ").find(":1"), std::string::npos);
  EXPECT_NE(error_of("description = \"no name\"").find("name"), std::string::npos);
  EXPECT_NE(error_of("name = \"x\"\nstep = 3\n").find("[[step]]"), std::string::npos);
}

}  // namespace
}  // namespace mote::compress
