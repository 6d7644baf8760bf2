# Compiler and linker settings that every target shares.
find_package(Threads REQUIRED)

add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wno-missing-field-initializers
                    -fno-strict-aliasing -fvisibility=hidden)
add_compile_definitions(FMT_HEADER_ONLY SPDLOG_FMT_EXTERNAL BOOST_JSON_NO_LIB
                        BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_CONCEPTS)
# fmt 9 and Boost 1.81 trip warnings of gcc 12 inside their own code; they are system headers, and
# templates instantiated from ours still report these two.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds -Wno-restrict
                     )
else()
  add_compile_options(-Wno-gnu-zero-variadic-macro-arguments)
endif()
include_directories(${CMAKE_SOURCE_DIR}/src)

if(KDB_SANITIZE)
  add_compile_options(-fsanitize=${KDB_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${KDB_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  # PIE with packed relocations and full RELRO: the footprint of a static image, with address
  # randomisation kept (docs/decisions/002-footprint.md).
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  add_compile_options(-fPIE -ffunction-sections -fdata-sections -fstack-protector-strong)
  add_link_options(-pie -static-libstdc++ -static-libgcc -Wl,--gc-sections -Wl,-z,now -Wl,-z,relro)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_link_options(-Wl,-z,pack-relative-relocs)
  endif()
endif()
if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  find_program(KDB_MOLD mold)
  if(KDB_MOLD)
    add_link_options(-fuse-ld=mold)
  endif()
endif()

find_program(KDB_CCACHE ccache)
if(KDB_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${KDB_CCACHE})
endif()
