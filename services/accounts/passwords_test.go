package accounts

import (
	"strings"
	"testing"
)

// djangosPassword is what djangosHashes were made of, by the hashers of Django 5.2 at
// little cost.
const djangosPassword = "Überraschung 😀 with spaces"

var djangosHashes = []string{
	"pbkdf2_sha256$10$onesalt1$bUS0tZ8S+reZFnIhZjikfPgjkku+H7QrqC/sjBtCMnc=",
	"pbkdf2_sha1$10$onesalt1$jc1x6awLHxd1pj8hvTru1qXSLQ0=",
	"argon2$argon2id$v=19$m=64,t=1,p=2$b25lc2FsdDE$WxDsVcnYsVRRpKKGLT+FBNfGLy6VjBBoMtSgOX4Zlpk",
	"argon2$argon2i$v=19$m=64,t=1,p=2$b25lc2FsdDE$rtxHmFWtueHUO1m+MAvTt7M0CTmk+4U0QJnOuzF4TUI",
	"bcrypt_sha256$$2b$04$8IvGvwachgMwXqGhjBr9ZeRyLVaGCGlqKXZo2htC7Cx5wWrBqUfEO",
	"scrypt$16$onesalt1$8$1$1v8bPU4UdRqwX4M8ZkepMZm6hGk2lZJuWyAleZ4Gy2+FN54x6jxFeHQRBIoxHADAp9z3hvFsOsOpxpn1Zh/S+w==",
}

func TestHashOfDjangosIsItsPasswordsAlone(t *testing.T) {
	passwords := NewPasswords(1)
	for _, hash := range djangosHashes {
		for _, try := range []struct {
			password string
			good     bool
		}{
			{djangosPassword, true}, {"", false}, {strings.ToLower(djangosPassword), false}, {djangosPassword + " ", false},
			{djangosPassword[:len(djangosPassword)-1], false}, {strings.Repeat("long", 2000), false},
		} {
			if got, err := passwords.Verify(t.Context(), hash, try.password, admitted); err != nil || got != try.good {
				t.Errorf("%s with %.40q: %v %v", hash, try.password, got, err)
			}
		}
		if isCurrent(hash) {
			t.Errorf("%s counts as one of ours", hash)
		}
	}
}

func admitted() error { return nil }

func TestHashOfOursIsWhatDjangoReads(t *testing.T) {
	passwords := NewPasswords(1)
	hash, err := passwords.Hash(t.Context(), djangosPassword)
	if err != nil || !isCurrent(hash) || !strings.HasPrefix(hash, "argon2$argon2id$v=19$m=19456,t=2,p=1$") || len(hash) > 128 {
		t.Fatalf("%s %v", hash, err)
	}
	if again, _ := passwords.Hash(t.Context(), djangosPassword); again == hash {
		t.Error("the salt is always the same")
	}
	for password, good := range map[string]bool{djangosPassword: true, "another": false} {
		if got, err := passwords.Verify(t.Context(), hash, password, admitted); err != nil || got != good {
			t.Errorf("%q: %v %v", password, got, err)
		}
	}
}

func TestOddHashIsNobodysPassword(t *testing.T) {
	for _, hash := range []string{
		"", "!", "!IX7wsRDB8x8DAgb9dDROdyVrBsomsbGoDzWoRLON", "plain", "md5$salt$0cc175b9c0f1b6a831c399e269772661", "argon2", "argon2$$$$$",
		"argon2$argon2d$v=19$m=64,t=1,p=2$b25lc2FsdDE$WxDsVcnYsVRRpKKGLT+FBNfGLy6VjBBoMtSgOX4Zlpk",
		"argon2$argon2id$v=16$m=64,t=1,p=2$b25lc2FsdDE$WxDsVcnYsVRRpKKGLT+FBNfGLy6VjBBoMtSgOX4Zlpk",
		"argon2$argon2id$v=19$m=64,t=0,p=2$b25lc2FsdDE$WxDsVcnYsVRRpKKGLT+FBNfGLy6VjBBoMtSgOX4Zlpk",
		"argon2$argon2id$v=19$m=64,t=1,p=0$b25lc2FsdDE$WxDsVcnYsVRRpKKGLT+FBNfGLy6VjBBoMtSgOX4Zlpk",
		"argon2$argon2id$v=19$m=524289,t=1,p=2$b25lc2FsdDE$WxDsVcnYsVRRpKKGLT+FBNfGLy6VjBBoMtSgOX4Zlpk",
		"argon2$argon2id$v=19$m=64,t=1,p=2$b25lc2FsdDE$", "argon2$argon2id$v=19$m=64,t=1,p=2$=$=",
		"pbkdf2_sha256$0$onesalt1$bUS0tZ8S+reZFnIhZjikfPgjkku+H7QrqC/sjBtCMnc=", "pbkdf2_sha256$ten$onesalt1$bUS0", "pbkdf2_sha256$10$onesalt1$",
		"pbkdf2_sha256$10$onesalt1", "scrypt$16$onesalt1$8$1$", "scrypt$0$onesalt1$8$1$1v8b", "scrypt$1048576$onesalt1$8$1$1v8b", "bcrypt_sha256$$1$",
	} {
		if _, err := parseHash(hash); err == nil {
			t.Errorf("%q is usable", hash)
		}
	}
}

// A hash that asks for a day of work must not block every login.
func TestCostlyHashIsNobodysPassword(t *testing.T) {
	const argonEnd, scryptEnd = "$b25lc2FsdDE$WxDsVcnYsVRRpKKGLT+FBNfGLy6VjBBoMtSgOX4Zlpk", "$1v8bPU4UdRqwX4M8ZkepMZm6hGk2lZJuWyAleZ4Gy2+FN54x6jxFeHQRBIoxHADAp9z3hvFsOsOpxpn1Zh/S+w=="
	const bcryptEnd = "$8IvGvwachgMwXqGhjBr9ZeRyLVaGCGlqKXZo2htC7Cx5wWrBqUfEO"
	for hash, affordable := range map[string]bool{
		"pbkdf2_sha256$2000000000$onesalt1$bUS0tZ8S+reZFnIhZjikfPgjkku+H7QrqC/sjBtCMnc=": false,
		"pbkdf2_sha1$5000001$onesalt1$jc1x6awLHxd1pj8hvTru1qXSLQ0=":                      false,
		"pbkdf2_sha256$99999999999999999999$onesalt1$bUS0":                               false,
		"pbkdf2_sha256$1000$onesalt1$" + strings.Repeat("bUS0", 60):                      false, // each block takes all rounds
		"pbkdf2_sha256$1200000$onesalt1$bUS0tZ8S+reZFnIhZjikfPgjkku+H7QrqC/sjBtCMnc=":    true,
		"argon2$argon2id$v=19$m=64,t=4000000000,p=1" + argonEnd:                          false,
		"argon2$argon2id$v=19$m=1,t=1000000,p=64" + argonEnd:                             false,
		"argon2$argon2id$v=19$m=524288,t=5,p=1" + argonEnd:                               false,
		"argon2$argon2id$v=19$m=64,t=1,p=255" + argonEnd:                                 false,
		"argon2$argon2id$v=19$m=102400,t=2,p=8" + argonEnd:                               true,
		"scrypt$16384$onesalt1$8$1000000" + scryptEnd:                                    false,
		"scrypt$2147483647$onesalt1$8$1" + scryptEnd:                                     false,
		"scrypt$2$onesalt1$2147483647$2147483647" + scryptEnd:                            false,
		"scrypt$16384$onesalt1$8$5" + scryptEnd:                                          true,
		"bcrypt_sha256$$2b$31" + bcryptEnd:                                               false,
		"bcrypt_sha256$$2b$15" + bcryptEnd:                                               false,
		"bcrypt_sha256$$2b$12" + bcryptEnd:                                               true,
	} {
		if _, err := parseHash(hash); (err == nil) != affordable {
			t.Errorf("%s: %v", hash, err)
		}
	}
}
