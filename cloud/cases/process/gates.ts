import type { Gate } from './types.js'

/**
 * Gates G1–G23 (DOMAIN.md §5.5), each with its legal source, its refusal sentence and the next step. There is no override.
 */
export const gates: readonly Gate[] = [
  // G1: APL Art. 41(2), 46
  {
    id: 'G1',
    name: { zh: '记录完整且时间可信', en: 'record intact, time trusted' },
    predicate:
      'for every electronic object in the set (at t2: of the lead): manifest signature valid; SHA-256 equals the manifest; hash chain of the box unbroken; abs(clock offset) <= pack.time.max_offset_ms at capture and time source named; in t19 and t35 no LEAD_ONLY object is in the evidence set; true with a note when the set has no electronic object',
    source: 'APL Art. 41(2), 46',
    article: { zh: '行政处罚法第四十一条第二款、第四十六条', en: 'APL Art. 41(2), 46' },
    mark: 'L',
    refusal: {
      zh: '证据文件校验不一致或时间不可信,不能作为证据使用。',
      en: "The file does not match its digest, or the clock was not trustworthy at capture; it can be used as a lead only after a technician's check, never as evidence.",
    },
    next: { zh: '交技术员核查；核清前只作线索。', en: 'Give it to the technician; until then it is a lead only.' },
    expr: [
      'or',
      ['not', 'evidence.has_electronic'],
      ['and', 'evidence.signatures_ok', 'evidence.digests_ok', 'evidence.chain_ok', 'evidence.clock_ok'],
    ],
    at: {
      t19: [
        'and',
        [
          'or',
          ['not', 'evidence.has_electronic'],
          ['and', 'evidence.signatures_ok', 'evidence.digests_ok', 'evidence.chain_ok', 'evidence.clock_ok'],
        ],
        'evidence.none_lead_only',
      ],
      t35: [
        'and',
        [
          'or',
          ['not', 'evidence.has_electronic'],
          ['and', 'evidence.signatures_ok', 'evidence.digests_ok', 'evidence.chain_ok', 'evidence.clock_ok'],
        ],
        'evidence.none_lead_only',
      ],
    },
  },
  // G2: APL Art. 29
  {
    id: 'G2',
    name: { zh: '一事不二罚', en: 'one act, one fine' },
    predicate:
      'no other case whose outcome is open, penalty or no_penalty (not withdrawn, transferred or revoked) with same party, cause family, place within pack.act.radius_m and act interval overlapping; a continuing act counts as one until an order or decision cuts it; if two provisions apply, the one with the higher fine is chosen once',
    source: 'APL Art. 29',
    article: { zh: '行政处罚法第二十九条', en: 'APL Art. 29' },
    mark: 'L',
    refusal: {
      zh: '同一违法行为已有案件,不得重复处罚。',
      en: 'This act already has a case (link shown). Merge or explain why it is a new act.',
    },
    next: {
      zh: '并入已有案件（RX02），或写明为什么是新的违法行为。',
      en: 'Merge it into the case (RX02), or write why it is a new act.',
    },
    expr: ['and', 'act.no_prior_case', ['not', 'act.other_fine']],
  },
  // G3: APL Art. 18, 20, 22-25
  {
    id: 'G3',
    name: { zh: '管辖与事项', en: 'jurisdiction and listed item' },
    predicate:
      "place inside the authority's area; item on its published list with a valid grant (Art. 18, 20 or 24); first filer rule; item also on pack.nonsite.items for the non-site road",
    source: 'APL Art. 18, 20, 22-25',
    article: { zh: '行政处罚法第十八条、第二十条、第二十二条至第二十五条', en: 'APL Art. 18, 20, 22-25' },
    mark: 'L',
    refusal: {
      zh: '本机关对该地点或该事项没有处罚权,请移送。',
      en: 'This authority has no power for the place or the item. Transfer it.',
    },
    next: { zh: '由督察移送有权的机关（t13）。', en: 'Ask the supervisor to transfer it (t13).' },
    expr: [
      'and',
      'place.in_area',
      'item.granted',
      'item.first_filer',
      ['or', ['==', 'case.road', 'onsite'], 'item.nonsite_listed'],
    ],
  },
  // G4: APL Art. 36
  {
    id: 'G4',
    name: { zh: '追诉时效', en: 'limitation' },
    predicate:
      'discovered (lead received) within 2 years of the end of the act (5 years if life, health or financial safety with harm); for a continuing act the end counts',
    source: 'APL Art. 36',
    article: { zh: '行政处罚法第三十六条', en: 'APL Art. 36' },
    mark: 'L',
    refusal: { zh: '违法行为已超过追诉时效,不再给予行政处罚。', en: 'The limitation period is over.' },
    next: { zh: '以 RX10 办结，或按 NP7 作不予处罚。', en: 'Close with RX10, or decide no penalty (NP7).' },
    expr: 'limitation.open',
  },
  // G5: APL Art. 30, 40, 59
  {
    id: 'G5',
    name: { zh: '当事人已确认', en: 'party identified' },
    predicate:
      'natural person: name, ID type and number, source document; organisation: name, unified credit code, source; link between party and act proved by at least one item other than a number plate or a face; age known or checked (under 14: no penalty; 14-17: lenient)',
    source: 'APL Art. 30, 40, 59',
    article: { zh: '行政处罚法第三十条、第四十条、第五十九条', en: 'APL Art. 30, 40, 59' },
    mark: 'L',
    refusal: {
      zh: '当事人身份或其与违法行为的关系未查清。',
      en: 'Who did it is not established. A number plate alone does not identify the party.',
    },
    next: {
      zh: '登记当事人，附号牌、人脸以外的一项证据（EV22）。',
      en: 'Record the party with one proof other than plate or face (EV22).',
    },
    expr: ['and', 'party.identity_complete', 'party.link_proved', 'party.age_known'],
  },
  // G6: APL Art. 40, 54
  {
    id: 'G6',
    name: { zh: '要件清单齐备、例外排除', en: 'cause checklist complete, exceptions excluded' },
    predicate:
      'every obligatory line of the cause checklist (section 3) has an evidence reference; every exception query (permit, hours, zone, emergency, self-use) has an answer with source and time',
    source: 'APL Art. 40, 54',
    article: { zh: '行政处罚法第四十条、第五十四条', en: 'APL Art. 40, 54' },
    mark: 'L',
    refusal: { zh: '违法要件证据不齐或未核查例外情形:{lines}。', en: 'Missing lines: {lines}.' },
    next: { zh: '补齐所列要件与例外（EV15）。', en: 'Fill in the lines and exceptions named (EV15).' },
    expr: ['and', ['==', 'checklist.missing', 0], ['==', 'exceptions.unanswered', 0], ['==', 'exceptions.hit', 0]],
  },
  // G7: APL Art. 42, 43
  {
    id: 'G7',
    name: { zh: '两名适格执法人员', en: 'two qualified officers' },
    predicate:
      'officer_a != officer_b (at t16 the pair proposed in D08); the pair in office valid on the day of the step, and each author of an act in the file valid on the day of that act; no recusal granted, no declared interest; an undecided recusal request stops t22, t23, t35, t36 but not investigation (Art. 43(3))',
    source: 'APL Art. 42, 43',
    article: { zh: '行政处罚法第四十二条、第四十三条', en: 'APL Art. 42, 43' },
    mark: 'L',
    refusal: {
      zh: '执法人员不足两人、证件失效或有未决回避申请。',
      en: 'Two different officers with valid certificates are needed, and an open recusal request must be decided first.',
    },
    next: {
      zh: '换合格的执法人员（EV07），或先决定回避（EV05）。',
      en: 'Replace the officer (EV07), or decide the recusal first (EV05).',
    },
    expr: ['and', 'officers.distinct', 'officers.valid_today', 'officers.valid_at_acts', 'officers.no_conflict'],
    at: {
      t22: [
        'and',
        ['and', 'officers.distinct', 'officers.valid_today', 'officers.valid_at_acts', 'officers.no_conflict'],
        ['not', 'recusal.open'],
      ],
      t23: [
        'and',
        ['and', 'officers.distinct', 'officers.valid_today', 'officers.valid_at_acts', 'officers.no_conflict'],
        ['not', 'recusal.open'],
      ],
      t35: [
        'and',
        ['and', 'officers.distinct', 'officers.valid_today', 'officers.valid_at_acts', 'officers.no_conflict'],
        ['not', 'recusal.open'],
      ],
      t36: [
        'and',
        ['and', 'officers.distinct', 'officers.valid_today', 'officers.valid_at_acts', 'officers.no_conflict'],
        ['not', 'recusal.open'],
      ],
      t55: [
        'and',
        ['and', 'officers.distinct', 'officers.valid_today', 'officers.valid_at_acts', 'officers.no_conflict'],
        ['not', 'recusal.open'],
      ],
    },
  },
  // G8: APL Art. 41(1); State Council 2024 No. 5 opinion
  {
    id: 'G8',
    name: { zh: '模式门', en: 'mode gate' },
    predicate:
      'LEAD_MODE: at least one item of evidence made or taken by officers (on-site record, inquiry record, party statement, register reply, witness) proves each obligatory element together with the clip. EVIDENCE_MODE: device in DV3 with T28 not over at capture for this cause, basis in law or administrative regulation named in the pack, G9 passed',
    source: 'APL Art. 41(1); State Council 2024 No. 5 opinion',
    article: { zh: '行政处罚法第四十一条第一款', en: 'APL Art. 41(1); State Council 2024 No. 5 opinion' },
    mark: 'L',
    refusal: {
      zh: '线索模式下仅有监控记录,不能认定违法事实。',
      en: "In LEAD_MODE a camera record alone proves nothing; add officers' evidence.",
    },
    next: {
      zh: '派执法人员取得每一项要件的证据，或以 RX12 办结。',
      en: 'Send officers for evidence of every element, or close with RX12.',
    },
    expr: [
      'or',
      ['not', 'record.used'],
      'elements.officer_evidence_all',
      [
        'and',
        ['==', 'item.mode', 'EVIDENCE_MODE'],
        'device.in_force_at_capture',
        'item.law_basis_named',
        ['gate', 'G9'],
      ],
    ],
  },
  // G9: APL Art. 41(2)
  {
    id: 'G9',
    name: { zh: '记录审核', en: 'record audited' },
    predicate:
      'technical reviewer and legal reviewer each signed: true, clear, complete, accurate; each is not an investigator; each saw the full clip with pre- and post-roll; true with a note when the case uses no monitoring record',
    source: 'APL Art. 41(2)',
    article: { zh: '行政处罚法第四十一条第二款', en: 'APL Art. 41(2)' },
    mark: 'L',
    refusal: { zh: '监控记录未经审核或审核不合格,不得作为证据。', en: 'The record has not been audited, or failed.' },
    next: {
      zh: '由技术审核和法制审核人员分别审核（EV17）。',
      en: 'Have both reviewers audit the record separately (EV17).',
    },
    expr: [
      'or',
      ['not', 'record.used'],
      [
        'and',
        ['==', 'audit.technical', 'pass'],
        ['==', 'audit.legal', 'pass'],
        'audit.not_investigators',
        'audit.full_clip_seen',
      ],
    ],
  },
  // G10: APL Art. 40, 46, 54
  {
    id: 'G10',
    name: { zh: '事实清楚证据充分', en: 'facts proved' },
    predicate:
      "officers A and B recorded their findings separately, findings agree on every element, each element cites evidence, exculpatory evidence listed or 'none found' stated",
    source: 'APL Art. 40, 46, 54',
    article: { zh: '行政处罚法第四十条、第四十六条、第五十四条', en: 'APL Art. 40, 46, 54' },
    mark: 'L',
    refusal: {
      zh: '两名执法人员认定不一致或要件缺少证据。',
      en: 'The two findings differ, or an element has no evidence.',
    },
    next: {
      zh: '退回补充调查（t21），或拟不予处罚（t55）。',
      en: 'Return it for investigation (t21), or propose no penalty (t55).',
    },
    expr: [
      'and',
      ['==', 'finding.a', 'proved'],
      ['==', 'finding.b', 'proved'],
      'findings.blind',
      'elements.cited_all',
      'exculpatory.stated',
    ],
  },
  // G11: APL Art. 30-33, 57
  {
    id: 'G11',
    name: { zh: '不予处罚与从轻减轻审查', en: 'no-penalty and leniency screen' },
    predicate:
      'all seven questions NP1-NP7 and five leniency questions answered with reasons; ledger of earlier acts queried; at t36: at least one ground holds; at every other step: when Art. 33(1) first sentence, 33(2), 30 or 31 holds, the penalty road is closed; when 33(1) second sentence holds and the pack lists the item, punishing needs written reasons',
    source: 'APL Art. 30-33, 57',
    article: { zh: '行政处罚法第三十条至第三十三条、第五十七条', en: 'APL Art. 30-33, 57' },
    mark: 'L',
    refusal: {
      zh: '符合不予处罚情形或未完成不予处罚审查。',
      en: 'A no-penalty ground holds, or the screen is not finished.',
    },
    next: {
      zh: '完成审查（EV18）；有不予处罚情形的走 t55。',
      en: 'Finish the screen (EV18); where a ground holds take t55.',
    },
    expr: [
      'and',
      'screen.complete',
      ['not', 'screen.closing_ground'],
      ['or', ['not', ['has', 'screen.ground', 'NP4']], 'screen.reasons_to_punish'],
    ],
    at: {
      t36: ['and', 'screen.complete', ['!=', 'screen.ground', []]],
      t17: [
        'and',
        'screen.complete',
        ['not', 'screen.closing_ground'],
        ['or', ['not', ['has', 'screen.ground', 'NP4']], 'screen.reasons_to_punish'],
      ],
    },
  },
  // G12: APL Art. 29, 34, 37
  {
    id: 'G12',
    name: { zh: '依据版本与裁量', en: 'law version and discretion' },
    predicate:
      'law in force on the act date named; if changed before decision, milder-law comparison attached; amount within the statutory band and the published benchmark step, or deviation reasons approved; no previous fine for the same act',
    source: 'APL Art. 29, 34, 37',
    article: { zh: '行政处罚法第二十九条、第三十四条、第三十七条', en: 'APL Art. 29, 34, 37' },
    mark: 'L',
    refusal: { zh: '处罚依据版本或裁量不符合要求。', en: 'Wrong law version, or the amount is outside the band.' },
    next: {
      zh: '核对违法行为当日的依据、裁量阶次和从轻比较。',
      en: 'Check the law of the day of the act, the step and the comparison.',
    },
    expr: [
      'and',
      'item.version_ok',
      'milder.attached',
      'amount.in_band',
      'deviation.approved',
      'law.highest_band_chosen',
      'act.no_previous_fine',
    ],
  },
  // G13: APL Art. 44, 45, 62
  {
    id: 'G13',
    name: { zh: '已告知且期限届满', en: 'notice given, window over' },
    predicate:
      'the latest D17 served (SV5) with facts, reasons, basis, content and rights; window over, or explicit recorded waiver; notice content covers the decision content',
    source: 'APL Art. 44, 45, 62',
    article: { zh: '行政处罚法第四十四条、第四十五条、第六十二条', en: 'APL Art. 44, 45, 62' },
    mark: 'L',
    refusal: {
      zh: '未依法告知或陈述申辩期未满,不得作出处罚决定。',
      en: 'The party has not been heard. No decision may be made.',
    },
    next: {
      zh: '先送达告知书，等期限届满或当事人书面放弃。',
      en: 'Serve the notice; wait for the end of the window or a signed waiver.',
    },
    expr: [
      'and',
      ['state', 'service:D17', ['SV5']],
      'notice.complete',
      'notice.covers_proposal',
      ['or', ['timer', 'T10', ['over']], 'waiver.statement'],
    ],
  },
  // G14: APL Art. 45
  {
    id: 'G14',
    name: { zh: '申辩已复核且未加重', en: 'defence answered, not heavier' },
    predicate:
      'every point of every defence has an answer; accepted points changed the proposal; final content not heavier than notified content',
    source: 'APL Art. 45',
    article: { zh: '行政处罚法第四十五条', en: 'APL Art. 45' },
    mark: 'L',
    refusal: {
      zh: '申辩未复核,或处罚重于告知内容。',
      en: 'A defence point is unanswered, or the penalty is heavier than notified.',
    },
    next: {
      zh: '逐点答复（D20）；内容加重的重新告知（t31）。',
      en: 'Answer each point (D20); for anything heavier notify again (t31).',
    },
    expr: ['and', ['==', 'defence.unanswered', 0], 'proposal.not_heavier'],
  },
  // G15: APL Art. 63-65
  {
    id: 'G15',
    name: { zh: '听证权', en: 'hearing right honoured' },
    predicate:
      'if amount >= pack.hearing.threshold(party type) or other Art. 63 kinds: D18 served and (HR4, HR5 or HR6); else true',
    source: 'APL Art. 63-65',
    article: { zh: '行政处罚法第六十三条至第六十五条', en: 'APL Art. 63-65' },
    mark: 'L',
    refusal: {
      zh: '应告知听证权利而未告知,或听证未完成。',
      en: 'The hearing right was not notified, or the hearing is not finished.',
    },
    next: {
      zh: '送达听证告知书，等听证结束或期限届满。',
      en: 'Serve the hearing notice; wait for the hearing or the end of the period.',
    },
    expr: [
      'or',
      ['not', 'hearing.right'],
      ['and', ['state', 'service:D18', ['SV5']], ['state', 'hearing', ['HR4', 'HR5', 'HR6']], 'hearing.report_used'],
    ],
  },
  // G16: APL Art. 58; seeds 001
  {
    id: 'G16',
    name: { zh: '法制审核', en: 'legal review' },
    predicate:
      "if required by Art. 58 or pack.legal_review.scope: opinion 'agree' by a qualified reviewer outside the investigation, on the very version to be signed; else true with reason",
    source: 'APL Art. 58; seeds 001',
    article: { zh: '行政处罚法第五十八条', en: 'APL Art. 58; seeds 001' },
    mark: 'L',
    refusal: { zh: '未经法制审核或审核未通过,不得作出决定。', en: 'Legal review missing or negative.' },
    next: {
      zh: '送法制审核（t29），审核的要是将签发的这一稿。',
      en: 'Send it to legal review (t29), on the very draft to be signed.',
    },
    expr: [
      'or',
      ['not', 'review.required'],
      ['and', ['==', 'review.opinion', 'agree'], 'review.reviewer_ok', 'review.same_draft'],
    ],
    at: {
      t32: ['and', ['==', 'review.opinion', 'agree'], 'review.reviewer_ok', 'review.same_draft'],
      t33: ['and', ['==', 'review.opinion', 'agree'], 'review.reviewer_ok', 'review.same_draft'],
    },
  },
  // G17: APL Art. 57(2)
  {
    id: 'G17',
    name: { zh: '集体讨论', en: 'collective discussion' },
    predicate: 'if complex or major by pack.collective.rules: record with names, views, result; else true with reason',
    source: 'APL Art. 57(2)',
    article: { zh: '行政处罚法第五十七条第二款', en: 'APL Art. 57(2)' },
    mark: 'L',
    refusal: { zh: '情节复杂或重大案件应经负责人集体讨论。', en: 'Collective discussion is needed.' },
    next: { zh: '由负责人集体讨论并记录（t34）。', en: 'Discuss it collectively and record it (t34).' },
    expr: ['or', ['not', 'collective.required'], 'collective.recorded'],
  },
  // G18: APL Art. 60
  {
    id: 'G18',
    name: { zh: '办案期限', en: 'decision clock' },
    predicate: 'T07 not over, or a signed extension covers today',
    source: 'APL Art. 60',
    article: { zh: '行政处罚法第六十条', en: 'APL Art. 60' },
    mark: 'L',
    refusal: { zh: '已超过办案期限且无延期批准。', en: 'The decision period is over and no extension is signed.' },
    next: { zh: '只能不予处罚（t36）或撤案（t44）。', en: 'Only no penalty (t36) or withdrawal (t44) is left.' },
    expr: ['timer', 'T07', ['running']],
  },
  // G19: APL Art. 61; CPL Art. 87-95
  {
    id: 'G19',
    name: { zh: '送达有效', en: 'service valid' },
    predicate:
      'electronic: D29 signed by this party for this address and not withdrawn before arrival, arrival date recorded (at sv1: signed and in force); other ways: D30 complete; date of service = date rule of the way used',
    source: 'APL Art. 61; CPL Art. 87-95',
    article: { zh: '行政处罚法第六十一条；民事诉讼法第八十七条至第九十五条', en: 'APL Art. 61; CPL Art. 87-95' },
    mark: 'L',
    refusal: { zh: '送达方式或回证不符合规定,期限不起算。', en: 'Service is not valid; the clock does not start.' },
    next: {
      zh: '换一种送达方式（sv2、sv3），补齐回证。',
      en: 'Serve it another way (sv2, sv3) and complete the receipt.',
    },
    expr: ['and', ['state', 'service:{doc}', ['SV5']], 'receipt.complete'],
    at: {
      sv1: 'confirmation.in_force',
      sv4: [
        'or',
        ['and', ['==', 'service.way', 'electronic'], 'confirmation.at_arrival', 'arrival.recorded'],
        ['and', ['!=', 'service.way', 'electronic'], 'receipt.complete'],
      ],
    },
  },
  // G20: Compulsion Law Art. 53-55
  {
    id: 'G20',
    name: { zh: '强制执行前提', en: 'enforcement prerequisites' },
    predicate:
      'reminder D33 (t40): payment in PY2 or order to correct in RC3; court application (t41): T20 (T19 after an on-the-spot decision) and T21 over, no remedy open, reminder served and T17 over, T18 running, no deferral in force',
    source: 'Compulsion Law Art. 53-55',
    article: { zh: '行政强制法第五十三条至第五十五条', en: 'Compulsion Law Art. 53-55' },
    mark: 'L',
    refusal: {
      zh: '不具备催告或申请强制执行的条件。',
      en: 'Conditions for reminder or court enforcement are not met.',
    },
    next: { zh: '等催告、救济和起诉期限届满。', en: 'Wait for reminder, remedies and periods to end.' },
    expr: [
      'and',
      ['not', 'enforcement.stayed'],
      'payment.deferral_over',
      ['or', ['state', 'payment', ['PY2']], ['state', 'rectification', ['RC3']]],
    ],
    at: {
      t41: [
        'and',
        ['not', 'enforcement.stayed'],
        'payment.deferral_over',
        ['or', ['state', 'payment', ['PY2']], ['state', 'rectification', ['RC3']]],
        ['timer', 'T17', ['over']],
        ['==', 'reminder.unanswered', 0],
        ['not', 'remedy.open'],
        'remedy.periods_over',
        ['timer', 'T18', ['running']],
      ],
    },
  },
  // G21: APL Art. 48, 50; OGI Regulation Art. 14, 15, 20(6)
  {
    id: 'G21',
    name: { zh: '公开审查', en: 'publicity clearance' },
    predicate:
      'scope rule of the pack met; secrecy and privacy check signed; natural persons reduced to surname + mark, ID, address, plate, faces removed; minors never; decision not under revocation',
    source: 'APL Art. 48, 50; OGI Regulation Art. 14, 15, 20(6)',
    article: {
      zh: '行政处罚法第四十八条、第五十条；政府信息公开条例第十四条、第十五条、第二十条',
      en: 'APL Art. 48, 50; OGI Regulation Art. 14, 15, 20(6)',
    },
    mark: 'L',
    refusal: { zh: '未完成公开审查或脱敏。', en: 'Not cleared for publication.' },
    next: {
      zh: '完成脱敏和公开审查，或决定不公开（pb2）。',
      en: 'Finish redaction and clearance, or decide not to publish (pb2).',
    },
    expr: [
      'and',
      'publicity.scope_met',
      'privacy.signed',
      'redaction.clean',
      ['not', 'party.minor'],
      'decision.standing',
    ],
  },
  // G22: APL Art. 44, 51, 52
  {
    id: 'G22',
    name: { zh: '当场处罚条件', en: 'on-the-spot conditions' },
    predicate:
      'party present and identified; facts certain; fine <= 200 yuan (citizen) or <= 3000 yuan (organisation) or warning; facts, reasons, basis told and statement heard; decision handed over at once; no non-site record as sole proof',
    source: 'APL Art. 44, 51, 52',
    article: { zh: '行政处罚法第四十四条、第五十一条、第五十二条', en: 'APL Art. 44, 51, 52' },
    mark: 'L',
    refusal: { zh: '不符合当场处罚条件。', en: 'The conditions of the summary procedure are not met.' },
    next: { zh: '改走普通程序（t10）。', en: 'Take the ordinary procedure (t10).' },
    expr: [
      'and',
      'party.present',
      'facts.certain',
      'amount.summary_ok',
      'told_and_heard',
      'handed_over',
      ['not', 'nonsite_sole_proof'],
    ],
  },
  // G23: APL Art. 47
  {
    id: 'G23',
    name: { zh: '卷宗完整', en: 'file complete' },
    predicate:
      'every document required by the path is present, signed and hashed; every companion in one of its rest_states (a remedy still open: only with a note; then archive waits); evidence retention class set',
    source: 'APL Art. 47',
    article: { zh: '行政处罚法第四十七条', en: 'APL Art. 47' },
    mark: 'L',
    refusal: { zh: '卷宗缺少:{list}。', en: 'The file lacks: {list}.' },
    next: { zh: '补齐所列文书，使伴随程序结束。', en: 'Add the documents named and end what still runs.' },
    expr: [
      'and',
      ['==', 'file.missing', 0],
      'companions.at_rest',
      ['or', ['not', 'remedy.open'], 'remedy.note'],
      'retention.class_set',
    ],
    at: {
      t50: [
        'and',
        [
          'and',
          ['==', 'file.missing', 0],
          'companions.at_rest',
          ['or', ['not', 'remedy.open'], 'remedy.note'],
          'retention.class_set',
        ],
        ['not', 'remedy.open'],
      ],
    },
  },
]
