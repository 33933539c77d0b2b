import { pick } from '../../kernel/random.ts'
import type { Random } from '../../kernel/random.ts'

const firstNames =
  'Mara Tobias Ingrid Pavel Yusuf Clara Dmitri Elena Felix Greta Hassan Irena Jonas Katya Liam Mina Nadia Oskar Petra Quentin Rosa Stefan Tamara Ulrich Vera Walter Ximena Yvonne Zoltan Aisha Bruno Celine Dario Edith Farid Gloria Hugo Iris Jamal Klara Leon Maya Noel Olga Piotr Rhea Samir Thea Ursula Victor Wanda Yara Zeno Amir Bianca Cyril Daphne Emil Frida Goran Helga Igor Joana Kemal Lucia Marek Nora Otto Paula Radek Silvia Tariq Umar Viola Wendy Yannick Zora Anton Bettina Conrad Delia Erik Fatima Gustav Hanna Ivan Jelena Kurt Leila Milan'.split(
    ' ',
  )
const surnameStarts =
  'Hart Brad Wins Mor Kel Stan Ash Black Brook Cald Dun Elder Fair Gran Hol Kings Lang Mar New Oak Pem Rad Sher Thorn Under Wake Whit Wool York Bar Cot Den East Fen Green Hat Hol Lock Mil Nor Par Rams Sand Tem Wal West Wyn Ald'.split(
    ' ',
  )
const surnameEnds =
  'well ley ton field more ford by wood man worth ham stead den ridge son berg stein bury combe dale gate hurst land lock mont port shaw wick'.split(
    ' ',
  )
const cities =
  'Lyon Oslo Porto Ghent Turin Graz Malmo Bergen Leeds Cork Bilbao Seville Basel Bern Linz Brno Gdansk Riga Vilnius Tallinn Tartu Turku Aarhus Odense Uppsala Nantes Lille Rouen Dijon Metz Bonn Kiel Mainz Ulm Jena Padua Verona Modena Parma Bari Split Zadar Varna Sofia Patras Izmir Bursa Haifa Tunis Rabat Dakar Accra Lagos Nairobi Kampala Lusaka Durban Perth Hobart Osaka Kobe Nagoya Sapporo Busan Daegu Hanoi Manila Cebu Penang Pune Nagpur Jaipur Surat Lahore Multan Quito Lima Cusco Cali Bogota Recife Natal Salta Rosario Boston Denver Austin Tampa Reno Tulsa Omaha Boise Halifax Quebec'.split(
    ' ',
  )
const companyStarts =
  'Vel Tar Nor Bex Cor Dal Fen Gal Hel Jor Kar Lum Mer Nex Orb Pal Quil Ros Sol Tem Ver Wex Yor Zan Alt Bri Cel Dor Em Fal'.split(
    ' ',
  )
const companyMiddles = 'a e i o u al en ir on um ar el in or us'.split(' ')
const companyEnds =
  'nor quin dex mar tis vex lon rix dan par sil tek ron via cor zen bit lux mond fer'.split(' ')
const productAdjectives =
  'folding oak steel compact garden travel solar silent copper cotton ceramic wireless pocket marble linen bamboo glass heavy velvet rubber digital magnetic classic turbo nordic walnut leather thermal coastal alpine'.split(
    ' ',
  )
const productNouns =
  'chair lamp kettle desk tent mixer scale heater router printer camera speaker drill ladder blanket mirror clock shelf jacket pump scanner helmet keyboard monitor grinder toaster backpack bicycle charger projector umbrella notebook'.split(
    ' ',
  )

export const firstName = (random: Random): string => pick(firstNames, random)

export const surname = (random: Random): string =>
  pick(surnameStarts, random) + pick(surnameEnds, random)

export const fullName = (random: Random): string => `${firstName(random)} ${surname(random)}`

export const city = (random: Random): string => pick(cities, random)

export const company = (random: Random): string =>
  pick(companyStarts, random) + pick(companyMiddles, random) + pick(companyEnds, random)

export const product = (random: Random): string =>
  `${pick(productAdjectives, random)} ${pick(productNouns, random)}`

export const wholeNumber = (random: Random, from: number, to: number): number =>
  from + Math.floor(random() * (to - from + 1))

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ'.split('')

/** Such as `KD-4812`. */
export const reference = (random: Random): string =>
  `${pick(letters, random)}${pick(letters, random)}-${wholeNumber(random, 1000, 9999)}`

/** Different values from one maker. */
export function distinct(
  count: number,
  make: (random: Random) => string,
  random: Random,
): readonly string[] {
  const values = new Set<string>()
  while (values.size < count) values.add(make(random))
  return [...values]
}

/** One of the others. */
export function pickOther<T>(items: readonly T[], than: T, random: Random): T {
  return pick(
    items.filter((item) => item !== than),
    random,
  )
}

/** The word with two neighbouring letters swapped, or another ending where that changes nothing. */
export function misspell(word: string, random: Random): string {
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const index = wholeNumber(random, 0, Math.max(0, word.length - 2))
    const swapped =
      word.slice(0, index) + word.charAt(index + 1) + word.charAt(index) + word.slice(index + 2)
    if (swapped.trim() === swapped && swapped.toLowerCase() !== word.toLowerCase()) return swapped
  }
  return `${word}s`
}
