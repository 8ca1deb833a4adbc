/** Where things of the user are kept, on each system. */
import { describe, expect, test } from 'vitest';
import type { UserPlace } from '../../src/config/user-file.ts';
import { keysFolder, usualAuditFile } from '../../src/config/user-folders.ts';

const linux: UserPlace = { environment: {}, platform: 'linux', home: '/home/me', workingDirectory: '/project' };
const mac: UserPlace = { ...linux, platform: 'darwin', home: '/Users/me' };
const windows: UserPlace = { ...linux, platform: 'win32', home: 'C:\\Users\\me' };

describe('stored keys lie beside the settings', () => {
  test.each<[string, UserPlace, string]>([
    ['Linux', linux, '/home/me/.config/inkling/keys'],
    ['a variable', { ...linux, environment: { XDG_CONFIG_HOME: '/etc/me' } }, '/etc/me/inkling/keys'],
    [
      'a relative variable is none',
      { ...linux, environment: { XDG_CONFIG_HOME: 'me' } },
      '/home/me/.config/inkling/keys',
    ],
    ['macOS', mac, '/Users/me/.config/inkling/keys'],
    ['Windows', windows, 'C:\\Users\\me\\AppData\\Roaming\\inkling\\keys'],
  ])('%s', (_, place, expected) => {
    expect(keysFolder(place)).toBe(expected);
  });
});

describe('audit lines lie with what programs keep by themselves', () => {
  test.each<[string, UserPlace, string]>([
    ['Linux', linux, '/home/me/.local/state/inkling/audit.jsonl'],
    ['a variable', { ...linux, environment: { XDG_STATE_HOME: '/var/me' } }, '/var/me/inkling/audit.jsonl'],
    [
      'a relative variable is none',
      { ...linux, environment: { XDG_STATE_HOME: '.' } },
      '/home/me/.local/state/inkling/audit.jsonl',
    ],
    ['macOS', mac, '/Users/me/Library/Application Support/inkling/audit.jsonl'],
    ['Windows', windows, 'C:\\Users\\me\\AppData\\Local\\inkling\\audit.jsonl'],
    ['its variable', { ...windows, environment: { LOCALAPPDATA: 'D:\\local' } }, 'D:\\local\\inkling\\audit.jsonl'],
  ])('%s', (_, place, expected) => {
    expect(usualAuditFile(place)).toBe(expected);
  });
});
