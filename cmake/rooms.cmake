# The library `target` of `sources`, compiled some at a time.
function(tarn_library target batch)
  cmake_parse_arguments(LIBRARY "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(${target} STATIC ${LIBRARY_SOURCES})
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
  target_link_libraries(${target} PUBLIC ${LIBRARY_LIBRARIES})
  # Sixteen sources a compilation: most of a source's time is what its headers instantiate, once for all of them so. A
  # coroutine's frame holds what is local to its file, which g++ takes for a header's there.
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${TARN_UNITY} UNITY_BUILD_BATCH_SIZE ${batch})
  if(TARN_UNITY)
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
endfunction()

# tarn_room(NAME DIRECTORY [FLAT] [CONTROL_PLANE] [HOT subfolder] [EXCEPT subfolder] [BATCH sources] [API service] [LIBRARIES ...] [TEST_LIBRARIES ...]): a room's library tarn_NAME of its *.cc, and its test
# program NAME_test of its *_test.cc. FLAT leaves out subfolders. CONTROL_PLANE: what the room does for a record or an
# object, if anything, is done in its subfolder HOT; the rest is optimized less, which takes a sixth off its build. (What of IAM stands before
# its policies, such as finding a key, costs a request nothing that `S3 GET of 4 KiB` could show.) Sources are globbed, so that a new file needs no edit here.
function(tarn_room name directory)
  cmake_parse_arguments(ROOM "FLAT;CONTROL_PLANE" "API;EXCEPT;BATCH;HOT" "LIBRARIES;TEST_LIBRARIES" ${ARGN})
  if(ROOM_FLAT)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${directory}/*.cc)
  else()
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${directory}/*.cc)
  endif()
  if(ROOM_EXCEPT)
    list(FILTER sources EXCLUDE REGEX "/${directory}/${ROOM_EXCEPT}/")
  endif()
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  if(ROOM_API)
    tarn_api(${ROOM_API} api_sources)
    list(APPEND sources ${api_sources})
  endif()
  if(NOT ROOM_BATCH)
    set(ROOM_BATCH 16)
  endif()
  if(ROOM_HOT)
    set(hot_sources ${sources})
    list(FILTER hot_sources INCLUDE REGEX "/${directory}/${ROOM_HOT}/")
    list(REMOVE_ITEM sources ${hot_sources})
    tarn_library(tarn_${name}_${ROOM_HOT} ${ROOM_BATCH} SOURCES ${hot_sources} LIBRARIES ${ROOM_LIBRARIES})
    list(APPEND ROOM_LIBRARIES tarn_${name}_${ROOM_HOT})
  endif()
  if(sources)
    tarn_library(tarn_${name} ${ROOM_BATCH} SOURCES ${sources} LIBRARIES ${ROOM_LIBRARIES})
    if(ROOM_CONTROL_PLANE)
      target_compile_options(tarn_${name} PRIVATE -O1)
    endif()
  else()
    add_library(tarn_${name} INTERFACE)
    target_include_directories(tarn_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
    target_link_libraries(tarn_${name} INTERFACE ${ROOM_LIBRARIES})
  endif()
  if(tests)
    add_executable(${name}_test ${tests})
    # Tests are compiled for the reader's patience, not for speed: half the time of a cold build is theirs.
    target_compile_options(${name}_test PRIVATE -O0)
    # Most of that time is what their headers say; fewer at once than of the room's own, so that one that changed is
    # compiled with few others.
    set_target_properties(${name}_test PROPERTIES UNITY_BUILD ${TARN_UNITY} UNITY_BUILD_BATCH_SIZE 4)
    if(TARN_UNITY)
      target_compile_options(${name}_test PRIVATE -Wno-subobject-linkage)
    endif()
    target_link_libraries(${name}_test PRIVATE tarn_${name} ${ROOM_TEST_LIBRARIES} GTest::gtest_main GTest::gmock)
    # One process a room: to start one for each test took as long as the tests.
    add_test(NAME ${name} COMMAND ${name}_test --gtest_output=xml:${CMAKE_BINARY_DIR}/test/unit/${name}.xml)
  endif()
endfunction()

# The structs, tables and tags of one service, from its botocore model and spec/overlays/SERVICE.json, in
# generated/services/SERVICE/api.{h,cc} of the build tree.
function(tarn_api service out)
  set(folder ${CMAKE_BINARY_DIR}/generated/services/${service})
  add_custom_command(
    OUTPUT ${folder}/api.h ${folder}/api.cc
    COMMAND ${TARN_PYTHON} ${CMAKE_SOURCE_DIR}/spec/codegen/generate.py --overlay
            ${CMAKE_SOURCE_DIR}/spec/overlays/${service}.json --out ${folder}
    DEPENDS ${CMAKE_SOURCE_DIR}/spec/overlays/${service}.json ${CMAKE_SOURCE_DIR}/spec/codegen/generate.py
            ${CMAKE_SOURCE_DIR}/spec/codegen/model.py ${CMAKE_SOURCE_DIR}/spec/codegen/emit.py
    COMMENT "Generating the API of ${service}"
    VERBATIM)
  set(${out} ${folder}/api.cc PARENT_SCOPE)
endfunction()
